package s3ml.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

final class FleetConfigsTest {
    private static Pod pod(String name, String node, String more) {
        return Serialization.unmarshal("""
                apiVersion: v1
                kind: Pod
                metadata: {name: %s, namespace: models, labels: {s3ml.internal/model: detector}%s
                spec: {nodeName: %s}
                status:
                  phase: Running
                  podIP: 10.0.0.1
                  conditions:
                  - {type: ContainersReady, status: "True"}
                """.formatted(name, more.isEmpty() ? "}" : ", " + more + "}", node), Pod.class);
    }

    private static FleetConfig fleet(String spec, Pod... pods) {
        return FleetConfigs.of(
                List.of(Resources.model(spec)), List.of(pods), model -> Optional.of(new EnvoyPorts(20_000, 20_001)));
    }

    @Test
    void replicas_lie_on_the_nodes_of_their_Pods() {
        FleetConfig fleet = fleet("", pod("b", "n2", ""), pod("a", "n1", ""), pod("c", "n1", ""));

        assertThat(fleet.getHostsList()).extracting(HostConfig::getName).containsExactly("n1", "n2");
        assertThat(fleet.getHosts(0).getReplicasList())
                .extracting(ReplicaConfig::getName)
                .containsExactly("models/a", "models/c");
        assertThat(fleet.getHosts(1).getReplicas(0))
                .isEqualTo(ReplicaConfig.newBuilder()
                        .setName("models/b")
                        .setModel("models/detector")
                        .setAddress("10.0.0.1")
                        .setPort(8001)
                        .setRestPort(8000)
                        .setMetricsPort(8002)
                        .build());
    }

    @Test
    void a_Pod_that_is_to_be_deleted_ends_and_one_that_is_not_ready_starts() {
        Pod starting = pod("a", "n1", "");
        starting.getStatus().getConditions().getFirst().setStatus("False");

        FleetConfig fleet = fleet("", starting, pod("b", "n1", "deletionTimestamp: \"2026-11-24T10:00:00Z\""));

        assertThat(fleet.getHosts(0).getReplicasList())
                .extracting(ReplicaConfig::getPhase)
                .containsExactly(ReplicaConfig.Phase.STARTING, ReplicaConfig.Phase.ENDING);
    }

    @Test
    void Pods_without_a_node_or_an_address_and_those_of_unknown_models_are_left_out() {
        Pod pending = pod("a", "n1", "");
        pending.getStatus().setPodIP(null);
        Pod stranger = pod("b", "n1", "");
        stranger.getMetadata().getLabels().put(Labels.MODEL, "unknown");

        assertThat(fleet("", pending, stranger).getHostsList()).isEmpty();
    }

    @Test
    void what_a_profile_does_not_say_is_estimated_from_objective_and_EPC() {
        ModelConfig estimated = fleet("").getModels(0);
        ModelConfig said =
                fleet("  profile: {serviceMillis: 20, pagingThreshold: 700}\n").getModels(0);

        assertThat(estimated.getObjectiveMillis()).isEqualTo(500);
        assertThat(estimated.getServiceMillis()).isEqualTo(50);
        assertThat(estimated.getWorkingSetPages()).isEqualTo(90L * 256);
        assertThat(estimated.getPagingThreshold()).isEqualTo(0.01 * 90 * 256 / 0.05);
        assertThat(said.getServiceMillis()).isEqualTo(20);
        assertThat(said.getPagingThreshold()).isEqualTo(700);
    }

    @Test
    void without_EPC_paging_predicts_nothing() {
        ModelConfig tdx = fleet("  tee: {kind: TDX, runtimeClass: kata-tdx}\n").getModels(0);

        assertThat(tdx.getPagingThreshold()).isZero();
        assertThat(tdx.getWorkingSetPages()).isEqualTo(512L * 256);
    }

    @Test
    void the_same_view_is_the_same_message_in_whatever_order_it_comes() {
        assertThat(fleet("", pod("b", "n2", ""), pod("a", "n1", "")))
                .isEqualTo(fleet("", pod("a", "n1", ""), pod("b", "n2", "")));
    }
}
