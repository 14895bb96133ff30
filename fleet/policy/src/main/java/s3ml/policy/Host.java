package s3ml.policy;

import java.util.List;

/// A member of the fleet, as the control plane knows it. Reports cannot add members or replicas.
///
/// @param name the host's name
/// @param replicas replicas placed on it
public record Host(String name, List<Replica> replicas) {
    /// One replica of a model.
    ///
    /// @param name unique in the fleet
    /// @param model the model it serves
    public record Replica(String name, String model) {
        public Replica {
            Checks.named(name, "name");
            Checks.named(model, "model");
        }
    }

    public Host {
        Checks.named(name, "name");
        replicas = List.copyOf(replicas);
    }
}
