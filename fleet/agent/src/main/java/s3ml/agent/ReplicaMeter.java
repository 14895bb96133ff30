package s3ml.agent;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import s3ml.policy.ReplicaReport;

/// Turns successive metrics pages of one model server into what its replica did in between. Not thread-safe.
///
/// A server serves one or more models; each counts as a replica of its own, `NAME/MODEL`, unless it serves just one.
final class ReplicaMeter {
    private final String name;
    private MetricsPage last = new MetricsPage(Map.of());
    private long lastNanos;

    /// @param name the replica's name in the control plane
    ReplicaMeter(String name) {
        this.name = name;
    }

    /// What happened since the last page; empty for the first.
    List<ReplicaReport> advance(MetricsPage page, long atNanos) {
        double seconds = (atNanos - lastNanos) / 1e9;
        List<ReplicaReport> reports = new ArrayList<>();
        if (lastNanos != 0 && seconds > 0) {
            page.models().forEach((model, now) -> {
                MetricsPage.ModelNumbers before = last.models().get(model);
                if (before != null) {
                    reports.add(
                            report(page.models().size() == 1 ? name : name + "/" + model, model, before, now, seconds));
                }
            });
        }
        last = page;
        lastNanos = atNanos;
        return reports;
    }

    /// What happened since the last page to all models of the server together, which the control plane knows as one;
    /// empty for the first page.
    Optional<ReplicaReport> advanceAll(MetricsPage page, String model, long atNanos) {
        MetricsPage together = new MetricsPage(
                Map.of(model, MetricsPage.ModelNumbers.sum(page.models().values())));
        return advance(together, atNanos).stream().findFirst();
    }

    private static ReplicaReport report(
            String replica,
            String model,
            MetricsPage.ModelNumbers before,
            MetricsPage.ModelNumbers now,
            double seconds) {
        // A smaller count is a server started anew.
        double ended = now.requests() >= before.requests() ? now.requests() - before.requests() : now.requests();
        double arrived = Math.max(0, ended + now.pending() - before.pending());
        Map<Double, Double> grown = new HashMap<>();
        now.buckets()
                .forEach((bound, count) ->
                        grown.put(bound, Math.max(0, count - before.buckets().getOrDefault(bound, 0.0))));
        return new ReplicaReport(replica, model, arrived / seconds, now.pending(), p99(grown));
    }

    /// The 99th percentile, between the bounds of its bucket in proportion; zero without answers. In the last,
    /// unbounded bucket it is the bound below.
    static Duration p99(Map<Double, Double> cumulative) {
        TreeMap<Double, Double> ordered = new TreeMap<>(cumulative);
        double total = ordered.isEmpty() ? 0 : ordered.lastEntry().getValue();
        if (total <= 0) {
            return Duration.ZERO;
        }
        double rank = 0.99 * total;
        double lower = 0;
        double below = 0;
        for (Map.Entry<Double, Double> bucket : ordered.entrySet()) {
            if (bucket.getValue() >= rank) {
                double in = bucket.getValue() - below;
                double share = in <= 0 || bucket.getKey().isInfinite() ? 0 : (rank - below) / in;
                double bound = bucket.getKey().isInfinite() ? lower : bucket.getKey();
                return Duration.ofNanos((long) ((lower + share * (bound - lower)) * 1e9));
            }
            lower = bucket.getKey();
            below = bucket.getValue();
        }
        return Duration.ofNanos((long) (lower * 1e9));
    }
}
