package s3ml.policy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// One model across the fleet, summed from usable reports.
final class ModelLoad {
    /// @param host where it is
    /// @param name the replica
    /// @param weight its share of a replica's nominal load
    /// @param report what its host said of it; null if unknown
    record Placed(
            String host,
            String name,
            double weight,
            @Nullable ReplicaReport report,
            double cpuBusy) {}

    final String model;
    final List<Placed> replicas = new ArrayList<>();
    double arrivals;
    double effective;
    double weightedPressure;
    double cpuSum;
    int cpuCount;
    Duration worstLatency = Duration.ZERO;
    double latencySum;
    double latencyWeight;

    private ModelLoad(String model) {
        this.model = model;
    }

    static Map<String, ModelLoad> of(FleetView fleet, WeightDecision weights, ReportVetting vetting) {
        Map<String, ModelLoad> loads = new LinkedHashMap<>();
        fleet.profiles().keySet().stream().sorted().forEach(model -> loads.put(model, new ModelLoad(model)));
        Map<String, Double> weightOf = ReplicaWeights.previous(weights);
        for (Host host : fleet.hosts()) {
            HostReport report = vetting.vet(host, fleet.reports().get(host.name()), fleet.now())
                            instanceof ReportVetting.Vetted.Usable usable
                    ? usable.report()
                    : null;
            for (Host.Replica replica : host.replicas()) {
                ModelLoad load = loads.get(replica.model());
                if (load != null) {
                    load.add(host, replica, weightOf.getOrDefault(replica.name(), 1.0), report, fleet);
                }
            }
        }
        return loads;
    }

    private void add(Host host, Host.Replica replica, double weight, @Nullable HostReport report, FleetView fleet) {
        ReplicaReport own = report == null ? null : find(report, replica.name());
        replicas.add(new Placed(host.name(), replica.name(), weight, own, report == null ? 0 : report.cpuBusy()));
        effective += weight;
        if (report == null) {
            return;
        }
        // Each replica asks for one processor; a host's busy ones are shared out evenly.
        cpuSum += report.cpuBusy() * report.processors() / host.replicas().size();
        cpuCount++;
        if (own == null) {
            return;
        }
        arrivals += own.arrivalsPerSecond();
        if (own.latencyP99().compareTo(worstLatency) > 0) {
            worstLatency = own.latencyP99();
        }
        latencySum += own.latencyP99().toNanos() / 1e9 * own.arrivalsPerSecond();
        latencyWeight += own.latencyP99().isPositive() ? own.arrivalsPerSecond() : 0;
        ModelProfile profile = fleet.profiles().get(model);
        if (report.paging() != null && profile != null && profile.fit() instanceof PagingFit.Predictive fit) {
            weightedPressure += own.arrivalsPerSecond() * Pressure.contention(report.paging()) / fit.pagesPerSecond();
        }
    }

    private static @Nullable ReplicaReport find(HostReport report, String replica) {
        for (ReplicaReport candidate : report.replicas()) {
            if (candidate.replica().equals(replica)) {
                return candidate;
            }
        }
        return null;
    }

    /// Paging over threshold, weighted by where the load is; 0 without load.
    double pagingPressure() {
        return arrivals > 0 ? weightedPressure / arrivals : 0;
    }

    double cpuMean() {
        return cpuCount == 0 ? 0 : cpuSum / cpuCount;
    }

    double latencyMeanSeconds() {
        return latencyWeight > 0 ? latencySum / latencyWeight : 0;
    }
}
