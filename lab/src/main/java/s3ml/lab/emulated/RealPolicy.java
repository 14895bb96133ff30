package s3ml.lab.emulated;

import java.util.Optional;
import s3ml.policy.LatencyFeedback;
import s3ml.policy.Picker;
import s3ml.policy.WeightPolicy;

/// What steers the requests of an experiment with real servers.
public enum RealPolicy {
    /// The weights of the control plane process, by reports of the agent processes.
    PAGING("s3ml-paging"),
    ROUND_ROBIN("round-robin"),
    LEAST_OUTSTANDING("least-outstanding"),
    /// The same reports, but only their p99 counts.
    P99_FEEDBACK("p99-feedback");

    private final String label;

    RealPolicy(String label) {
        this.label = label;
    }

    /// As in the reports of the simulator.
    String label() {
        return label;
    }

    /// @param limit outstanding requests with which a replica still answers in time
    Picker picker(int limit) {
        return switch (this) {
            case ROUND_ROBIN -> new Picker.RoundRobin();
            case LEAST_OUTSTANDING -> new Picker.LeastOutstanding();
            case PAGING, P99_FEEDBACK -> new Picker.BoundedLeast(limit);
        };
    }

    /// Decides weights here; empty where the control plane does, or nobody.
    Optional<WeightPolicy> feedback() {
        return this == P99_FEEDBACK ? Optional.of(new LatencyFeedback(0.3)) : Optional.empty();
    }

    boolean fixed() {
        return this == ROUND_ROBIN || this == LEAST_OUTSTANDING;
    }
}
