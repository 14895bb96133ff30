package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleBiFunction;

/// Builds a decision from one weight per replica, for the baselines, which keep no other memory.
final class ReplicaWeights {
    private ReplicaWeights() {}

    static WeightDecision of(FleetView fleet, ToDoubleBiFunction<Host, Host.Replica> weight) {
        Map<String, HostDecision> hosts =
                LinkedHashMap.newLinkedHashMap(fleet.hosts().size());
        for (Host host : fleet.hosts()) {
            List<HostDecision.ReplicaDecision> replicas =
                    new ArrayList<>(host.replicas().size());
            double sum = 0;
            for (Host.Replica replica : host.replicas()) {
                double value = Math.clamp(weight.applyAsDouble(host, replica), 0.001, 1);
                sum += value;
                replicas.add(new HostDecision.ReplicaDecision(replica.name(), replica.model(), true, value));
            }
            double mean = replicas.isEmpty() ? 1 : Math.min(1, sum / replicas.size());
            HostDecision.Memory memory =
                    new HostDecision.Memory(fleet.now(), Instant.EPOCH, Instant.EPOCH, Duration.ZERO);
            hosts.put(host.name(), new HostDecision(host.name(), mean, replicas, memory, List.of()));
        }
        return new WeightDecision(fleet.now(), hosts);
    }

    /// The last weight of each replica.
    static Map<String, Double> previous(WeightDecision previous) {
        Map<String, Double> weights = new HashMap<>();
        previous.hosts().values().forEach(host -> host.replicas().forEach(r -> weights.put(r.replica(), r.weight())));
        return weights;
    }

    /// The replicas of all usable reports.
    static Map<String, ReplicaReport> usable(FleetView fleet, ReportVetting vetting) {
        Map<String, ReplicaReport> replicas = new HashMap<>();
        for (Host host : fleet.hosts()) {
            if (vetting.vet(host, fleet.reports().get(host.name()), fleet.now())
                    instanceof ReportVetting.Vetted.Usable usable) {
                usable.report().replicas().forEach(replica -> replicas.put(replica.replica(), replica));
            }
        }
        return replicas;
    }
}
