package s3ml.policy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Lifts the weights of a model whose replicas would together get less than the least share.
///
/// This bounds what one host can draw to itself: with a total of at least `minShare · n`, no replica's share exceeds
/// `1 / (minShare · n)`, however healthy it claims to be and however sick the others look.
///
/// @param config the least share
record Lifting(BalanceConfig config) {
    private static final class Total {
        private double weight;
        private int active;
    }

    Map<String, HostDecision> lift(Map<String, HostDecision> hosts) {
        Map<String, Total> totals = new HashMap<>();
        for (HostDecision host : hosts.values()) {
            for (HostDecision.ReplicaDecision replica : host.replicas()) {
                if (replica.active()) {
                    Total total = totals.computeIfAbsent(replica.model(), key -> new Total());
                    total.weight += replica.weight();
                    total.active++;
                }
            }
        }
        totals.values().removeIf(total -> total.weight >= config.minShare() * total.active);
        if (totals.isEmpty()) {
            return hosts;
        }
        Map<String, HostDecision> lifted = LinkedHashMap.newLinkedHashMap(hosts.size());
        hosts.forEach((name, host) -> lifted.put(name, lift(host, totals)));
        return lifted;
    }

    private HostDecision lift(HostDecision host, Map<String, Total> totals) {
        List<HostDecision.ReplicaDecision> replicas =
                new ArrayList<>(host.replicas().size());
        List<Reason> reasons = new ArrayList<>(host.reasons());
        for (HostDecision.ReplicaDecision replica : host.replicas()) {
            Total total = totals.get(replica.model());
            if (total == null || !replica.active()) {
                replicas.add(replica);
                continue;
            }
            double missing = config.minShare() * total.active - total.weight;
            double to = replica.weight() + missing / (total.active - total.weight) * (1 - replica.weight());
            reasons.add(new Reason.Lifted(replica.weight(), to, total.weight / total.active));
            replicas.add(new HostDecision.ReplicaDecision(replica.replica(), replica.model(), true, to));
        }
        return new HostDecision(host.host(), host.weight(), replicas, host.memory(), reasons);
    }
}
