package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Passes load from one version to another: a version shrinks, or goes, only when enough replicas of the others serve.
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
        return now;
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

    /// Whether a Deployment that is not to be there in the end must stay, because those that are do not serve yet.
    public boolean stays(Deployment leaving, List<HasMetadata> end) {
        int serving = end.stream()
                .filter(Deployment.class::isInstance)
                .mapToInt(object -> available(actual.get(object.getMetadata().getName())))
                .sum();
        return serving < wanted && available(leaving) > 0;
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
