package s3ml.control;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// Which share of its model's load each replica gets. Stateless.
///
/// Only a share tells a server what a change of weights means for it: it falls when another one is added or comes back,
/// though its own weight stays, and stays when all weights fall alike.
final class Shares {
    /// All the load of a model; the same as a server's bound.
    static final int MOST = 1_000_000;

    private Shares() {}

    /// By replica, 0 (parked) to [#MOST], in time linear in the fleet. Missing: replicas that do not serve, those of
    /// which nothing was decided, and those of models of which all are parked, since nobody else could take their load.
    ///
    /// @param weights by replica, >= 0, as data planes have them
    static Map<String, Integer> of(FleetConfig fleet, Map<String, Integer> weights) {
        Map<String, Long> sums = new HashMap<>();
        serving(fleet, weights, (replica, weight) -> sums.merge(replica.getModel(), (long) weight, Long::sum));
        Map<String, Integer> shares = HashMap.newHashMap(weights.size());
        serving(fleet, weights, (replica, weight) -> {
            long sum = sums.getOrDefault(replica.getModel(), 0L);
            if (sum > 0) {
                shares.put(replica.getName(), share(weight, sum));
            }
        });
        return Collections.unmodifiableMap(shares);
    }

    private static void serving(
            FleetConfig fleet, Map<String, Integer> weights, BiConsumer<ReplicaConfig, Integer> each) {
        fleet.getHostsList()
                .forEach(host -> host.getReplicasList().forEach(replica -> {
                    Integer weight = weights.get(replica.getName());
                    if (weight != null && replica.getPhase() == ReplicaConfig.Phase.SERVING) {
                        each.accept(replica, weight);
                    }
                }));
    }

    /// At least one millionth of what is not parked: none would send all connections away.
    private static int share(int weight, long sum) {
        long rounded = (MOST * (long) weight + sum / 2) / sum;
        return weight == 0 ? 0 : (int) Math.max(1, rounded);
    }
}
