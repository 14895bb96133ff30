package s3ml.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import s3ml.operator.desired.Labels;
import s3ml.operator.desired.Resources;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;
import s3ml.wire.fleet.ModelExplanation;
import s3ml.wire.fleet.ReplicaWeight;

/// What the operator makes of the control plane's decisions, on a real API server.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class SteeringIT extends RunningOperator {
    @Test
    void the_gate_of_a_replica_is_opened() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(""))).create();
        await(() -> deployment("detector-v1") != null);

        createPod("detector-v1-x");

        await(() -> gate("detector-v1-x").equals("True"));
    }

    @Test
    void the_gate_of_a_replica_that_the_policy_relieves_is_shut_and_opened_again() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(""))).create();
        await(() -> deployment("detector-v1") != null);
        createPod("detector-v1-x");
        createPod("detector-v1-y");
        await(() ->
                gate("detector-v1-x").equals("True") && gate("detector-v1-y").equals("True"));

        decide(2, 0, 1000);
        await(() -> gate("detector-v1-x").equals("False"));
        assertThat(gate("detector-v1-y")).isEqualTo("True");
        decide(2, 1000, 1000);

        await(() -> gate("detector-v1-x").equals("True"));
    }

    @Test
    void a_model_scaled_by_the_policy_follows_it_and_tells_why() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model("  scaledBy: PagingPolicy\n  replicas: 8\n  maxReplicas: 8\n")))
                .create();
        await(() -> deployment("detector-v1") != null);
        assertThat(deployment("detector-v1").getSpec().getReplicas()).isEqualTo(2);

        decide(3, 1000, 1000);

        await(() -> deployment("detector-v1").getSpec().getReplicas() == 3);
        await(() -> "2 -> 3 replicas: paging 2.0 over 1"
                .equals(condition("detector", "Scaled")
                        .map(Condition::getMessage)
                        .orElse("")));
        await(() -> client.v1().events().inNamespace("models").list().getItems().stream()
                .anyMatch(event -> event.getReason().equals("Scaled")));
    }

    @Test
    void each_model_gets_a_service_through_Envoy_with_ports_that_stay() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(""))).create();

        await(() -> client.services()
                        .inNamespace("models")
                        .withName("detector-envoy")
                        .get()
                != null);
        await(() -> model("detector").getStatus() != null
                && model("detector").getStatus().envoyPorts() != null);

        assertThat(client.services()
                        .inNamespace("models")
                        .withName("detector-envoy")
                        .get()
                        .getSpec()
                        .getPorts())
                .anySatisfy(port -> assertThat(port.getTargetPort().getIntVal())
                        .isEqualTo(Objects.requireNonNull(
                                        model("detector").getStatus().envoyPorts())
                                .grpc()));
    }

    /// What the control plane would decide: so many replicas, and these weights of the Pods x and y; 0 is parked.
    private static void decide(int desired, int x, int y) {
        HostExplanation.Builder host = HostExplanation.newBuilder().setHost("n1");
        host.addReplicas(weight("models/detector-v1-x", x));
        host.addReplicas(weight("models/detector-v1-y", y));
        steering.take(Explanation.newBuilder()
                        .addHosts(host)
                        .addModels(ModelExplanation.newBuilder()
                                .setModel("models/detector")
                                .setDesired(desired)
                                .addReasons("paging 2.0 over 1"))
                        .build())
                .forEach(seen::wake);
    }

    private static ReplicaWeight weight(String replica, int weight) {
        return ReplicaWeight.newBuilder()
                .setReplica(replica)
                .setModel("models/detector")
                .setActive(weight > 0)
                .setWeight(weight)
                .build();
    }

    /// A replica that serves: no kubelet runs here, which would say so.
    private static void createPod(String name) {
        Deployment deployment = deployment("detector-v1");
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("models")
                        .withLabels(
                                deployment.getSpec().getTemplate().getMetadata().getLabels())
                        .endMetadata()
                        .withSpec(deployment.getSpec().getTemplate().getSpec())
                        .build())
                .create();
        client.resource(new PodBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .withNamespace("models")
                        .endMetadata()
                        .withNewStatus()
                        .addNewCondition()
                        .withType("ContainersReady")
                        .withStatus("True")
                        .endCondition()
                        .endStatus()
                        .build())
                .subresource("status")
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("kubelet")
                        .withForce(true)
                        .build());
    }

    private static String gate(String pod) {
        return client.pods().inNamespace("models").withName(pod).get().getStatus().getConditions().stream()
                .filter(condition -> condition.getType().equals(Labels.TAKES_LOAD))
                .map(PodCondition::getStatus)
                .findFirst()
                .orElse("");
    }
}
