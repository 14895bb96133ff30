package s3ml.operator.desired;

import s3ml.operator.resource.Canary;
import s3ml.operator.resource.SecureModelSpec;

/// How many of the wanted replicas serve the first version and how many the canary.
///
/// Balancers below TLS spread connections evenly over replicas, so a share of the load is a share of the replicas.
///
/// @param first replicas of the first version, ≥ 0
/// @param canary replicas of the canary, ≥ 0
public record ReplicaSplit(int first, int canary) {

    /// The split of so many replicas of that resource. A share above 0 % gets one replica at least; below 100 % one
    /// stays with the first version, and the sum is one more than wanted when a single replica must be split.
    public static ReplicaSplit of(SecureModelSpec spec, int wanted) {
        Canary canary = spec.canary();
        if (canary == null || canary.percent() == 0) {
            return new ReplicaSplit(wanted, 0);
        }
        if (canary.percent() == 100) {
            return new ReplicaSplit(0, wanted);
        }
        int share = Math.ceilDiv(wanted * canary.percent(), 100);
        return new ReplicaSplit(Math.max(1, wanted - share), share);
    }
}
