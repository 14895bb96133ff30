package s3ml.policy;

/// EPC paging of one host, averaged over the agent's window. Pages are 4 KiB.
///
/// Not checked when built: it carries what a host said, and [ReportVetting] judges it.
///
/// @param loadedPerSecond pages loaded back (ELDU) per second; each one is a stall of an enclave thread
/// @param evictedPerSecond pages evicted (EWB) per second; a source that cannot tell repeats the loads here
/// @param freePages free EPC pages now
/// @param totalPages usable EPC pages of the host
public record PagingRates(double loadedPerSecond, double evictedPerSecond, long freePages, long totalPages) {}
