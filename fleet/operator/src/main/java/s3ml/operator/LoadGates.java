package s3ml.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Set;
import s3ml.operator.desired.Labels;

/// The readiness gate of the replicas: by it a plain Service follows the paging policy, without Envoy.
final class LoadGates {
    private LoadGates() {}

    /// Opens the gate of every Pod except those named, whose gate it closes. If all are named none is closed: a slow
    /// answer
    /// is better than none.
    static void set(KubernetesClient client, Collection<Pod> pods, Set<String> relieved, Instant now) {
        boolean all = pods.stream()
                .allMatch(pod -> relieved.contains(pod.getMetadata().getName()));
        for (Pod pod : pods) {
            boolean open = all || !relieved.contains(pod.getMetadata().getName());
            if (pod.getMetadata().getDeletionTimestamp() == null && !isSo(pod, open)) {
                write(client, pod, open, now);
            }
        }
    }

    private static boolean isSo(Pod pod, boolean open) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals(Labels.TAKES_LOAD)
                                && condition.getStatus().equals(open ? "True" : "False"));
    }

    private static void write(KubernetesClient client, Pod pod, boolean open, Instant now) {
        PodCondition condition = new PodConditionBuilder()
                .withType(Labels.TAKES_LOAD)
                .withStatus(open ? "True" : "False")
                .withReason(open ? "WithinPolicy" : "Paging")
                .withMessage(
                        open ? "takes new connections" : "its host pages: new connections go elsewhere until that ends")
                .withLastTransitionTime(now.truncatedTo(ChronoUnit.SECONDS).toString())
                .build();
        Pod patch = new PodBuilder()
                .withNewMetadata()
                .withName(pod.getMetadata().getName())
                .withNamespace(pod.getMetadata().getNamespace())
                .endMetadata()
                .withNewStatus()
                .withConditions(condition)
                .endStatus()
                .build();
        try {
            client.resource(patch)
                    .subresource("status")
                    .patch(new PatchContext.Builder()
                            .withPatchType(PatchType.SERVER_SIDE_APPLY)
                            .withFieldManager(Labels.OWNED_VALUE)
                            .withForce(true)
                            .build());
        } catch (KubernetesClientException e) {
            // It has been deleted meanwhile: nothing is left to open.
            if (e.getCode() != HttpURLConnection.HTTP_NOT_FOUND) {
                throw e;
            }
        }
    }
}
