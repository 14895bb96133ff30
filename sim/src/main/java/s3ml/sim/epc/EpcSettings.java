package s3ml.sim.epc;

/// Size and calibration of an emulated EPC.
///
/// @param totalPages usable pages of 4 KiB, 256 to 1,048,576
/// @param loadNanos least time of loading a page back, on the faulting thread
/// @param evictNanos least time of evicting a page, on the reclaimer: its inverse is the host's ceiling
/// @param victims whose pages go
public record EpcSettings(int totalPages, int loadNanos, int evictNanos, Victims victims) {
    /// How the reclaimer chooses.
    public enum Victims {
        /// One list of all pages, second chance by use since the last visit: the mainline driver.
        CLOCK,
        /// Enclaves in turn, whatever they use: the old driver. A small idle one loses pages to a greedy neighbour.
        ROUND_ROBIN
    }

    public EpcSettings {
        if (totalPages < 256 || totalPages > 1 << 20) {
            throw new IllegalArgumentException("totalPages is outside 256..1048576: " + totalPages);
        }
        if (loadNanos < 0 || loadNanos > 1_000_000 || evictNanos < 0 || evictNanos > 1_000_000) {
            throw new IllegalArgumentException("a page time is outside 0..1 ms: " + loadNanos + ", " + evictNanos);
        }
    }

    /// 128 MB of processor-reserved memory: 93.5 MiB usable, 12 us a load, 62,500 evictions a second at most.
    public static EpcSettings sgx1() {
        return new EpcSettings(23_936, 12_000, 16_000, Victims.CLOCK);
    }
}
