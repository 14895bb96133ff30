package s3ml.lab.paging;

/// Size and cost of a host's EPC.
///
/// @param totalPages usable pages of 4 KiB
/// @param loadNanos processor time to load a page back (ELDU), on the faulting thread
/// @param evictNanos time of the host's one reclaimer per page (ETRACK, EWB): its inverse is the host's ceiling
record EpcCosts(long totalPages, double loadNanos, double evictNanos) {
    /// 128 MB of processor-reserved memory; 12 us a load, and a ceiling of 62,500 pages a second.
    static EpcCosts sgx1() {
        return new EpcCosts(23_936, 12_000, 16_000);
    }
}
