package s3ml.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HandoverTest {
    private static Deployment deployment(String name, int replicas, int available) {
        return new DeploymentBuilder()
                .withNewMetadata()
                .withName(name)
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .endSpec()
                .withNewStatus()
                .withAvailableReplicas(available)
                .endStatus()
                .build();
    }

    private static int replicas(List<HasMetadata> objects, String name) {
        return objects.stream()
                .filter(object -> object.getMetadata().getName().equals(name))
                .map(object -> ((Deployment) object).getSpec().getReplicas())
                .findFirst()
                .orElseThrow();
    }

    @Test
    void a_version_keeps_its_replicas_until_those_of_the_canary_serve() {
        List<HasMetadata> end = List.of(deployment("v1", 0, 0), deployment("v2", 2, 0));

        List<HasMetadata> first = new Handover(List.of(deployment("v1", 2, 2)), 2).now(end);
        List<HasMetadata> half = new Handover(List.of(deployment("v1", 2, 2), deployment("v2", 2, 1)), 2).now(end);
        List<HasMetadata> last = new Handover(List.of(deployment("v1", 1, 1), deployment("v2", 2, 2)), 2).now(end);

        assertThat(replicas(first, "v1")).isEqualTo(2);
        assertThat(replicas(first, "v2")).isEqualTo(2);
        assertThat(replicas(half, "v1")).isEqualTo(1);
        assertThat(replicas(last, "v1")).isZero();
    }

    @Test
    void a_version_that_is_replaced_makes_room_replica_by_replica_and_goes_at_last() {
        List<HasMetadata> end = List.of(deployment("v2", 2, 0));
        Deployment leaving = deployment("v1", 2, 2);

        List<HasMetadata> first = new Handover(List.of(leaving), 2).now(end);
        List<HasMetadata> half = new Handover(List.of(leaving, deployment("v2", 2, 1)), 2).now(end);
        List<HasMetadata> last = new Handover(List.of(leaving, deployment("v2", 2, 2)), 2).now(end);

        assertThat(replicas(first, "v1")).isEqualTo(2);
        assertThat(replicas(half, "v1")).isEqualTo(1);
        assertThat(last).hasSize(1);
    }

    @Test
    void a_version_that_serves_nobody_need_not_stay() {
        Deployment leaving = deployment("v1", 2, 0);

        assertThat(new Handover(List.of(leaving), 2).now(List.of(deployment("v2", 2, 0))))
                .hasSize(1);
    }

    @Test
    void a_lower_count_is_reached_at_once() {
        List<HasMetadata> end = List.of(deployment("v1", 2, 0));

        List<HasMetadata> now = new Handover(List.of(deployment("v1", 5, 5)), 2).now(end);

        assertThat(replicas(now, "v1")).isEqualTo(2);
    }
}
