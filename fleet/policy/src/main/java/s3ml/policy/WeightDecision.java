package s3ml.policy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// The decision of one tick about all hosts.
///
/// @param at time of the tick; [Instant#MIN] before the first
/// @param hosts per host, in the fleet's order
public record WeightDecision(Instant at, Map<String, HostDecision> hosts) {
    /// Data planes take integers; a thousand steps are finer than any noise in the signals.
    public static final int FULL_WEIGHT = 1000;

    public WeightDecision {
        hosts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(hosts));
    }

    /// What there is before the first tick.
    public static WeightDecision none() {
        return new WeightDecision(Instant.MIN, Map.of());
    }

    /// The decision about one host.
    public Optional<HostDecision> of(String host) {
        return Optional.ofNullable(hosts.get(host));
    }

    /// Integer weights per replica, 0 (parked) to [#FULL_WEIGHT]; an active replica gets at least 1.
    public Map<String, Integer> replicaWeights() {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (HostDecision host : hosts.values()) {
            for (HostDecision.ReplicaDecision replica : host.replicas()) {
                int scaled = (int) Math.round(replica.weight() * FULL_WEIGHT);
                weights.put(replica.replica(), replica.active() ? Math.max(1, scaled) : 0);
            }
        }
        return weights;
    }
}
