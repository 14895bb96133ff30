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
import java.util.Optional;
import java.util.Set;
import s3ml.operator.desired.Labels;

/// The readiness gate of the replicas: by it a plain Service follows the paging policy, without Envoy.
final class LoadGates {
    private LoadGates() {}

    /// Opens the gate of every Pod except those named, whose gate it closes. If no other one serves none is closed: a
    /// slow answer is better than none.
    ///
    /// @param relieved empty: not decided yet; then gates that are shut stay so
    static void set(KubernetesClient client, Collection<Pod> pods, Optional<Set<String>> relieved, Instant now) {
        boolean all = relieved.isPresent()
                && pods.stream()
                        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
                        .filter(pod -> is(pod, "ContainersReady", "True"))
                        .allMatch(
                                pod -> relieved.get().contains(pod.getMetadata().getName()));
        for (Pod pod : pods) {
            boolean shut = relieved.map(
                            names -> names.contains(pod.getMetadata().getName()))
                    .orElseGet(() -> is(pod, Labels.TAKES_LOAD, "False"));
            boolean open = all || !shut;
            if (pod.getMetadata().getDeletionTimestamp() == null
                    && !is(pod, Labels.TAKES_LOAD, open ? "True" : "False")) {
                write(client, pod, open, now);
            }
        }
    }

    private static boolean is(Pod pod, String type, String status) {
        return pod.getStatus() != null
                && pod.getStatus().getConditions().stream()
                        .anyMatch(condition -> condition.getType().equals(type)
                                && condition.getStatus().equals(status));
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
