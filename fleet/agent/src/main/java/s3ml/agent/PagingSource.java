package s3ml.agent;

import java.util.Optional;

/// Where a host's paging counters come from.
sealed interface PagingSource
        permits SconeSource, FortanixSource, KprobeSource, CgroupMiscSource, MemoryPressureSource {
    /// Name for people and metrics.
    String name();

    /// Bits of the counters: 32 or 64. Counters of 32 bits wrap within 19 hours at the highest rates.
    int bits();

    /// The counters of now; empty when the source is missing or its text is not what it should be.
    Optional<PagingCounters> read();
}
