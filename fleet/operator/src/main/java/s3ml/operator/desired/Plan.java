package s3ml.operator.desired;

import java.util.Map;
import java.util.Optional;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.operator.resource.SecureModel;

/// What is decided about a model beside what its resource says.
///
/// @param replicas how many are wanted
/// @param reason why, for a person; empty when the resource itself says how many
/// @param ports where Envoy takes its connections; empty without a control plane
/// @param envoys labels of the Envoys in the model's namespace; empty when there are none
public record Plan(int replicas, Optional<String> reason, Optional<EnvoyPorts> ports, Map<String, String> envoys) {
    public Plan {
        envoys = Map.copyOf(envoys);
    }

    /// The plan without a control plane.
    public static Plan asWritten(SecureModel model) {
        return new Plan(model.getSpec().wantedReplicas(), Optional.empty(), Optional.empty(), Map.of());
    }
}
