package s3ml.policy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/// Baseline: weights by requests per busy processor, as client-side weighted round robin does (gRFC A58).
///
/// The host that needs more processor time per request gets fewer; weights are relative to the model's best host.
///
/// @param gain share of the new value in the smoothed weight, in (0, 1]
public record CpuFeedback(double gain) implements WeightPolicy {
    private static final ReportVetting VETTING = new ReportVetting(Duration.ofSeconds(5));
    private static final double FLOOR = 0.02;
    private static final double LEAST_BUSY = 0.01;

    public CpuFeedback {
        Checks.within(gain, 0.01, 1, "gain");
    }

    @Override
    public WeightDecision decide(WeightDecision previous, FleetView fleet) {
        Map<String, Double> perCpu = new HashMap<>();
        double best = 0;
        for (Host host : fleet.hosts()) {
            if (VETTING.vet(host, fleet.reports().get(host.name()), fleet.now())
                    instanceof ReportVetting.Vetted.Usable usable) {
                HostReport report = usable.report();
                double seconds = 0;
                for (ReplicaReport replica : report.replicas()) {
                    ModelProfile profile = fleet.profiles().get(replica.model());
                    // Requests of different models are made comparable by their time on a quiet host.
                    seconds += replica.arrivalsPerSecond() * (profile == null ? 1 : profile.serviceSeconds());
                }
                if (seconds > 0) {
                    double value = seconds / Math.max(LEAST_BUSY, report.cpuBusy());
                    perCpu.put(host.name(), value);
                    best = Math.max(best, value);
                }
            }
        }
        double top = best;
        Map<String, Double> before = ReplicaWeights.previous(previous);
        return ReplicaWeights.of(fleet, (host, replica) -> {
            double last = before.getOrDefault(replica.name(), 1.0);
            Double value = perCpu.get(host.name());
            double target = value == null ? 1 : Math.clamp(value / top, FLOOR, 1);
            return last + gain * (target - last);
        });
    }
}
