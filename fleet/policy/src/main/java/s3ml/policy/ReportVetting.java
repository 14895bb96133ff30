package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Decides whether a host's report can be believed at all. Absurd or stale reports are ignored as a whole.
///
/// @param staleAfter reports older than this are ignored; positive
public record ReportVetting(Duration staleAfter) {
    /// Thrice the highest paging rate seen on any SGX1 host (63,600 pages a second).
    static final double MAX_PAGES_PER_SECOND = 200_000;
    /// A host clock that runs ahead more than this is broken.
    static final Duration MAX_AHEAD = Duration.ofSeconds(5);
    /// More replicas than any host can hold: each takes at least 10 MB of memory.
    static final int MAX_REPLICAS = 4096;
    /// One TiB: twice the largest EPC of a socket.
    static final long MAX_PAGES = 1L << 28;
    /// Requests per second no single replica can take.
    static final double MAX_ARRIVALS = 1e6;
    /// More processors than any machine has.
    static final int MAX_PROCESSORS = 16_384;
    /// Nobody waits longer for an answer.
    static final Duration MAX_LATENCY = Duration.ofHours(1);

    public ReportVetting {
        if (!staleAfter.isPositive()) {
            throw new IllegalArgumentException("staleAfter is not positive: " + staleAfter);
        }
    }

    /// The outcome for one host.
    public sealed interface Vetted {
        /// The report may be used.
        ///
        /// @param report plausible in all its numbers
        record Usable(HostReport report) implements Vetted {}

        /// The report counts as not given.
        ///
        /// @param why the first fault found
        record Ignored(String why) implements Vetted {}
    }

    /// Judges the report of `host`; null means there is none.
    public Vetted vet(Host host, @Nullable HostReport report, Instant now) {
        if (report == null) {
            return new Vetted.Ignored("no report");
        }
        String fault = fault(host, report, now);
        return fault == null ? new Vetted.Usable(report) : new Vetted.Ignored(fault);
    }

    private @Nullable String fault(Host host, HostReport report, Instant now) {
        if (!report.host().equals(host.name())) {
            return "report of another host";
        }
        if (report.at().isAfter(now.plus(MAX_AHEAD))) {
            return "report from the future: " + report.at();
        }
        if (report.at().isBefore(now.minus(staleAfter))) {
            return "stale: " + Duration.between(report.at(), now).toMillis() + " ms old";
        }
        if (!(report.cpuBusy() >= 0 && report.cpuBusy() <= 1.05)) {
            return "cpuBusy out of range: " + report.cpuBusy();
        }
        if (report.processors() < 1 || report.processors() > MAX_PROCESSORS) {
            return "impossible processors: " + report.processors();
        }
        String paging = report.paging() == null ? null : pagingFault(report.paging());
        return paging != null ? paging : replicaFault(report.replicas());
    }

    private static @Nullable String pagingFault(PagingRates paging) {
        if (!plausibleRate(paging.loadedPerSecond()) || !plausibleRate(paging.evictedPerSecond())) {
            return "impossible paging rate: " + paging.loadedPerSecond() + " in, " + paging.evictedPerSecond() + " out";
        }
        boolean possible = paging.totalPages() > 0
                && paging.totalPages() <= MAX_PAGES
                && paging.freePages() >= 0
                && paging.freePages() <= paging.totalPages();
        return possible ? null : "impossible EPC: " + paging.freePages() + " free of " + paging.totalPages();
    }

    private static boolean plausibleRate(double rate) {
        return rate >= 0 && rate <= MAX_PAGES_PER_SECOND;
    }

    private static @Nullable String replicaFault(List<ReplicaReport> replicas) {
        if (replicas.size() > MAX_REPLICAS) {
            return "too many replicas: " + replicas.size();
        }
        Set<String> seen = HashSet.newHashSet(replicas.size());
        for (ReplicaReport replica : replicas) {
            if (!seen.add(replica.replica())) {
                return "replica reported twice: " + replica.replica();
            }
            if (!plausible(replica)) {
                return "impossible figures of replica " + replica.replica();
            }
        }
        return null;
    }

    private static boolean plausible(ReplicaReport replica) {
        return replica.arrivalsPerSecond() >= 0
                && replica.arrivalsPerSecond() <= MAX_ARRIVALS
                && replica.outstanding() >= 0
                && replica.outstanding() <= MAX_ARRIVALS
                && !replica.latencyP99().isNegative()
                && Objects.compare(replica.latencyP99(), MAX_LATENCY, Duration::compareTo) <= 0;
    }
}
