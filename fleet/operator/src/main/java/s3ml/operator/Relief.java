package s3ml.operator;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.Collection;
import java.util.Set;
import s3ml.operator.resource.SecureModel;

/// Which replicas should get no new connections now. A network edge: the control plane decides, by the paging policy.
@FunctionalInterface
interface Relief {
    /// No control plane: every replica takes load.
    Relief NONE = (model, pods) -> Set.of();

    /// Names of the Pods to relieve, of those given.
    Set<String> relieved(SecureModel model, Collection<Pod> pods);
}
