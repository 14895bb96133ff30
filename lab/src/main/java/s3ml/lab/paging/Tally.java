package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Counts what clients of one run got.
final class Tally {
    private final VirtualClock clock;
    private final List<SimModel> models;
    private long offered;
    private long good;
    private double[] latencies = new double[1024];
    private int answers;
    private int replicas;
    private double replicaSeconds;
    private double replicasSince;
    private final List<Double> tickMillis = new ArrayList<>();

    Tally(VirtualClock clock, List<SimModel> models) {
        this.clock = clock;
        this.models = models;
    }

    private boolean counting() {
        return clock.seconds() >= Cluster.WARM_UP_SECONDS;
    }

    void offered() {
        offered += counting() ? 1 : 0;
    }

    void answered(SimRequest request, double millis) {
        // What was sent in the warm-up is not among the offered.
        if (request.sentAt() / 1e9 < Cluster.WARM_UP_SECONDS || Double.isInfinite(millis)) {
            return;
        }
        good += millis <= models.get(request.model()).objectiveMillis() ? 1 : 0;
        if (answers == latencies.length) {
            latencies = Arrays.copyOf(latencies, 2 * answers);
        }
        latencies[answers++] = millis;
    }

    void replicas(int change) {
        replicaSeconds += replicas * (clock.seconds() - replicasSince);
        replicasSince = clock.seconds();
        replicas += change;
    }

    void ticked(long nanos) {
        tickMillis.add(nanos / 1e6);
    }

    Outcome outcome(Contender contender, double seconds) {
        replicas(0);
        double p99 = LatencyWindow.percentile(Arrays.copyOf(latencies, answers), 0.99);
        return new Outcome(
                contender.name(),
                contender.role(),
                good / seconds,
                offered == 0 ? 1 : (double) good / offered,
                p99,
                replicaSeconds / 3600,
                LatencyWindow.percentile(tickMillis.stream().mapToDouble(t -> t).toArray(), 0.5));
    }
}
