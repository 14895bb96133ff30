package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Passes load from one version to another: a version shrinks by as many replicas as serve in its place, and so makes
/// room for the next ones where EPC is short; it goes when none of it is needed any more.
///
/// Within one Deployment Kubernetes sees to that; between two it is nobody's task but ours.
public final class Handover {
    private final int wanted;
    private final Map<String, Deployment> actual;

    /// @param actual Deployments of the resource that are there now
    /// @param wanted replicas of all versions together
    public Handover(Collection<Deployment> actual, int wanted) {
        this.wanted = wanted;
        this.actual = actual.stream()
                .collect(Collectors.toMap(deployment -> deployment.getMetadata().getName(), Function.identity()));
    }

    /// What is to be there now, on the way to what is to be there in the end.
    public List<HasMetadata> now(List<HasMetadata> end) {
        List<HasMetadata> now = new ArrayList<>();
        for (HasMetadata object : end) {
            now.add(object instanceof Deployment deployment ? now(deployment) : object);
        }
        now.addAll(leaving(end));
        return now;
    }

    /// What is left of the Deployments that are not to be there in the end.
    private List<Deployment> leaving(List<HasMetadata> end) {
        Map<String, Deployment> going = new TreeMap<>(actual);
        int serving = 0;
        for (HasMetadata object : end) {
            if (object instanceof Deployment deployment) {
                serving += available(going.remove(deployment.getMetadata().getName()));
            }
        }
        List<Deployment> left = new ArrayList<>();
        for (Deployment each : going.values()) {
            int needed = Math.min(each.getSpec().getReplicas(), wanted - serving);
            if (available(each) > 0 && needed > 0) {
                left.add(withReplicas(each, needed));
            }
        }
        return left;
    }

    /// The same Deployment with so many replicas, as it is applied: without what the cluster adds.
    private static Deployment withReplicas(Deployment each, int replicas) {
        ObjectMeta meta = each.getMetadata();
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(meta.getName())
                .withNamespace(meta.getNamespace())
                .withLabels(meta.getLabels())
                .withOwnerReferences(meta.getOwnerReferences())
                .endMetadata()
                .withSpec(each.getSpec())
                .editSpec()
                .withReplicas(replicas)
                .endSpec()
                .build();
    }

    private Deployment now(Deployment end) {
        Deployment there = actual.get(end.getMetadata().getName());
        int last = end.getSpec().getReplicas();
        int present = there == null ? 0 : there.getSpec().getReplicas();
        // What serves nobody may shrink at once.
        int needed = available(there) == 0 ? 0 : Math.min(present, wanted - availableBeside(end));
        return needed <= last
                ? end
                : new DeploymentBuilder(end)
                        .editSpec()
                        .withReplicas(needed)
                        .endSpec()
                        .build();
    }

    private int availableBeside(Deployment one) {
        return actual.values().stream()
                .filter(other ->
                        !other.getMetadata().getName().equals(one.getMetadata().getName()))
                .mapToInt(Handover::available)
                .sum();
    }

    private static int available(@org.jspecify.annotations.Nullable Deployment deployment) {
        return deployment == null
                        || deployment.getStatus() == null
                        || deployment.getStatus().getAvailableReplicas() == null
                ? 0
                : deployment.getStatus().getAvailableReplicas();
    }
}
