package s3ml.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How badly a host does, as one number: over 1 is bad. Never falls when paging, latency or queue rise.
///
/// @param value the largest of the three pressures, ≥ 0
/// @param paging the pressure by paging alone
/// @param judged whether paging can tell anything on this host; if not, latency and queue are all there is
/// @param reasons the signals that are over
record Pressure(double value, double paging, boolean judged, List<Reason> reasons) {
    /// A host stands out when it is this many times worse than the fleet's median. Latency and queues grow everywhere
    /// under load; moving load between equally loaded hosts would only make noise.
    static final double OUTLIER = 3;
    /// Below this share of the objective, paging does no harm yet.
    static final double HARMLESS = 0.5;
    /// A host without traffic has no p99 that could clear it.
    static final double UNKNOWN = -1;

    /// Signals of one host before the comparison with the fleet.
    ///
    /// @param pagesPerSecond contention, see [#contention]
    /// @param threshold of the most sensitive active model; infinite when paging predicts nothing
    /// @param latency worst p99 over objective, or [#UNKNOWN]
    /// @param queue outstanding requests over what the objective allows, or [#UNKNOWN]
    record Signals(double pagesPerSecond, double threshold, double latency, double queue) {}

    /// @param host tells which models count: a report cannot make a host insensitive by leaving replicas out
    static Signals signals(
            Host host, HostReport report, Map<String, ModelProfile> profiles, @Nullable HostDecision previous) {
        double threshold = Double.POSITIVE_INFINITY;
        for (int i = 0; i < host.replicas().size(); i++) {
            Host.Replica replica = host.replicas().get(i);
            ModelProfile profile = profiles.get(replica.model());
            if (profile != null
                    && profile.fit() instanceof PagingFit.Predictive predictive
                    && !parked(previous, replica.name(), i)) {
                threshold = Math.min(threshold, predictive.pagesPerSecond());
            }
        }
        double latency = UNKNOWN;
        double outstanding = 0;
        double allowed = 0;
        for (ReplicaReport replica : report.replicas()) {
            ModelProfile profile = profiles.get(replica.model());
            if (profile == null) {
                continue;
            }
            if (replica.latencyP99().isPositive()) {
                latency = Math.max(latency, replica.latencyP99().toNanos() / 1e9 / profile.objectiveSeconds());
            }
            outstanding += replica.outstanding();
            allowed += profile.objectiveSeconds() / profile.serviceSeconds();
        }
        double paging = report.paging() == null ? 0 : contention(report.paging());
        threshold = report.paging() == null ? Double.POSITIVE_INFINITY : threshold;
        return new Signals(paging, threshold, latency, allowed > 0 ? outstanding / allowed : UNKNOWN);
    }

    /// Pages that had to make room for each other. Loads without evictions are an enclave warming up where there is
    /// room; evictions without loads are an enclave starting. Neither is contention.
    static double contention(PagingRates paging) {
        return Math.min(paging.loadedPerSecond(), paging.evictedPerSecond());
    }

    private static boolean parked(@Nullable HostDecision previous, String replica, int likely) {
        HostDecision.ReplicaDecision decision = previous == null ? null : previous.find(replica, likely);
        return decision != null && !decision.active();
    }

    static Pressure of(Signals signals, double low, double medianLatency, double medianQueue) {
        List<Reason> reasons = new ArrayList<>(2);
        double paging = signals.pagesPerSecond() / signals.threshold();
        boolean harmless = signals.latency() != UNKNOWN && signals.latency() < HARMLESS;
        if (paging > 1 && harmless) {
            reasons.add(new Reason.PagingHarmless(signals.pagesPerSecond(), signals.threshold(), signals.latency()));
            // Held, not calm: more load could turn it harmful.
            paging = (1 + low) / 2;
        } else if (paging > 1) {
            reasons.add(new Reason.PagingOver(signals.pagesPerSecond(), signals.threshold()));
        }
        double latency = Math.max(0, signals.latency()) / Math.max(1, OUTLIER * medianLatency);
        if (latency > 1) {
            reasons.add(new Reason.LatencyOver(signals.latency(), medianLatency));
        }
        double queue = Math.max(0, signals.queue()) / Math.max(1, OUTLIER * medianQueue);
        if (queue > 1) {
            reasons.add(new Reason.QueueOver(signals.queue(), medianQueue));
        }
        boolean judged = !Double.isInfinite(signals.threshold());
        return new Pressure(Math.max(paging, Math.max(latency, queue)), paging, judged, reasons);
    }

    /// Median of the known values; 0 when there are none.
    static double median(double[] values) {
        double[] known =
                java.util.Arrays.stream(values).filter(v -> v >= 0).sorted().toArray();
        return known.length == 0 ? 0 : known[known.length / 2];
    }
}
