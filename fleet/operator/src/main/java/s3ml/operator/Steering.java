package s3ml.operator;

import java.util.Optional;
import java.util.Set;
import s3ml.operator.desired.Plan;
import s3ml.operator.resource.SecureModel;

/// What the control plane decides about a model. A network edge: it decides by the paging policy, elsewhere.
interface Steering {
    /// No control plane: every replica takes load, and the resources alone say how many there are.
    Steering NONE = new Steering() {
        @Override
        public Optional<Set<String>> relieved(SecureModel model) {
            return Optional.of(Set.of());
        }

        @Override
        public Plan plan(SecureModel model) {
            return Plan.asWritten(model);
        }
    };

    /// Names of the model's Pods that should get no new connections now; empty while nothing has been decided yet, and
    /// everything shall stay as it is.
    Optional<Set<String>> relieved(SecureModel model);

    /// How many replicas are wanted, and where Envoy takes the model's connections.
    Plan plan(SecureModel model);
}
