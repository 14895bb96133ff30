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
        for (Host host : fleet.hosts()) {
            HostReport report = vetting.vet(host, fleet.reports().get(host.name()), fleet.now())
                            instanceof ReportVetting.Vetted.Usable usable
                    ? usable.report()
                    : null;
            HostDecision decided = weights.hosts().get(host.name());
            for (int i = 0; i < host.replicas().size(); i++) {
                ModelLoad load = loads.get(host.replicas().get(i).model());
                if (load != null) {
                    load.add(host, i, decided, report, fleet);
                }
            }
        }
        return loads;
    }

    private void add(
            Host host, int index, @Nullable HostDecision decided, @Nullable HostReport report, FleetView fleet) {
        Host.Replica replica = host.replicas().get(index);
        HostDecision.ReplicaDecision decision = decided == null ? null : decided.find(replica.name(), index);
        double weight = decision == null ? 1 : decision.weight();
        ReplicaReport own = report == null ? null : find(report, replica.name(), index);
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

    /// Looked for at the place where it most likely is.
    private static @Nullable ReplicaReport find(HostReport report, String replica, int likely) {
        if (likely < report.replicas().size()
                && report.replicas().get(likely).replica().equals(replica)) {
            return report.replicas().get(likely);
        }
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
