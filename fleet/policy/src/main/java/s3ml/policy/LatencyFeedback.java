package s3ml.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Baseline: a replica's weight is the model's median p99 over its own p99, smoothed.
///
/// @param gain share of the new value in the smoothed weight, in (0, 1]
public record LatencyFeedback(double gain) implements WeightPolicy {
    /// A replica that gets nothing shows nothing: this trickle finds out when it is well again.
    private static final double FLOOR = 0.02;

    private static final ReportVetting VETTING = new ReportVetting(Duration.ofSeconds(5));

    public LatencyFeedback {
        Checks.within(gain, 0.01, 1, "gain");
    }

    @Override
    public WeightDecision decide(WeightDecision previous, FleetView fleet) {
        Map<String, ReplicaReport> reports = ReplicaWeights.usable(fleet, VETTING);
        Map<String, List<Duration>> latencies = new HashMap<>();
        for (ReplicaReport report : reports.values()) {
            if (report.latencyP99().isPositive()) {
                latencies
                        .computeIfAbsent(report.model(), key -> new ArrayList<>())
                        .add(report.latencyP99());
            }
        }
        latencies.values().forEach(Collections::sort);
        Map<String, Double> before = ReplicaWeights.previous(previous);
        return ReplicaWeights.of(fleet, (host, replica) -> {
            double last = before.getOrDefault(replica.name(), 1.0);
            ReplicaReport report = reports.get(replica.name());
            List<Duration> all = latencies.get(replica.model());
            if (report == null || all == null) {
                return last + gain * (1 - last);
            }
            if (!report.latencyP99().isPositive()) {
                return last;
            }
            double median = all.get(all.size() / 2).toNanos();
            double target = Math.clamp(median / report.latencyP99().toNanos(), FLOOR, 1);
            return last + gain * (target - last);
        });
    }
}
