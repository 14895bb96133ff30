package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The decision about one host, which is also the policy's whole memory of it.
///
/// @param host the host's name
/// @param weight share of its nominal load, 0 to 1
/// @param replicas one entry per replica
/// @param memory what the next tick has to know
/// @param reasons the numbers that led here
public record HostDecision(
        String host, double weight, List<ReplicaDecision> replicas, Memory memory, List<Reason> reasons) {
    /// The decision about one replica.
    ///
    /// @param replica name of the replica
    /// @param model its model
    /// @param active false when parked: no new load
    /// @param weight share of a replica's nominal load, 0 to 1; 0 when parked
    public record ReplicaDecision(String replica, String model, boolean active, double weight) {}

    /// What the policy remembers of a host.
    ///
    /// @param calmSince since when the pressure has been low
    /// @param changedAt when load was last taken from the host
    /// @param raisedAt when load was last given back
    /// @param patience how long it must be calm before it gets load back
    public record Memory(Instant calmSince, Instant changedAt, Instant raisedAt, Duration patience) {}

    public HostDecision {
        Checks.within(weight, 0, 1, "weight");
        replicas = List.copyOf(replicas);
        reasons = List.copyOf(reasons);
    }

    /// The decision about one replica, looked for at the place where it most likely is; null if there is none.
    @Nullable
    ReplicaDecision find(String replica, int likely) {
        if (likely < replicas.size() && replicas.get(likely).replica().equals(replica)) {
            return replicas.get(likely);
        }
        for (ReplicaDecision candidate : replicas) {
            if (candidate.replica().equals(replica)) {
                return candidate;
            }
        }
        return null;
    }

    /// Replicas that get load.
    public int active() {
        int count = 0;
        for (ReplicaDecision replica : replicas) {
            count += replica.active() ? 1 : 0;
        }
        return count;
    }
}
