package s3ml.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodReadinessGate;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.operator.resource.SecureModel;

final class ModelObjectsTest {
    private static final String CANARY =
            "  canary: {percent: 10, version: {name: v2, image: \"registry.example/s3ml-server:2\", packages: detector-packages-2}}\n";

    @Test
    void every_object_belongs_to_the_resource_and_carries_the_operators_label() {
        List<HasMetadata> objects = objects(CANARY);

        assertThat(objects).hasSize(6).allSatisfy(object -> {
            assertThat(object.getMetadata().getNamespace()).isEqualTo("models");
            assertThat(object.getMetadata().getLabels()).containsEntry(Labels.OWNED_KEY, Labels.OWNED_VALUE);
            assertThat(object.getMetadata().getOwnerReferences())
                    .singleElement()
                    .satisfies(owner -> assertThat(owner.getUid()).isEqualTo("0a1b2c3d-0000-0000-0000-000000000001"));
        });
    }

    @Test
    void the_service_selects_both_versions_and_each_deployment_only_its_own() {
        List<HasMetadata> objects = objects(CANARY);

        Service service = Resources.find(objects, Service.class, "detector");
        Deployment first = Resources.find(objects, Deployment.class, "detector-v1");
        Deployment second = Resources.find(objects, Deployment.class, "detector-v2");

        assertThat(first.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(service.getSpec().getSelector())
                .containsAllEntriesOf(first.getSpec().getSelector().getMatchLabels());
        assertThat(second.getSpec().getTemplate().getMetadata().getLabels())
                .containsAllEntriesOf(service.getSpec().getSelector())
                .containsAllEntriesOf(second.getSpec().getSelector().getMatchLabels());
        assertThat(first.getSpec().getSelector()).isNotEqualTo(second.getSpec().getSelector());
        assertThat(second.getSpec().getTemplate().getSpec().getVolumes())
                .anySatisfy(volume -> assertThat(volume.getPersistentVolumeClaim())
                        .isNotNull()
                        .satisfies(claim -> assertThat(claim.getClaimName()).isEqualTo("detector-packages-2")));
    }

    @Test
    void the_Envoys_of_the_namespace_get_a_service_of_their_own() {
        SecureModel model = Resources.model("  exposure: NodePort\n");
        Plan plan = new Plan(2, Optional.empty(), Optional.of(new EnvoyPorts(20_002, 20_003)), Map.of("app", "envoy"));
        Plan elsewhere = new Plan(2, Optional.empty(), Optional.of(new EnvoyPorts(20_002, 20_003)), Map.of());

        Service service =
                Resources.find(ModelObjects.of(model, Resources.aecs(""), plan), Service.class, "detector-envoy");

        assertThat(service.getSpec().getType()).isEqualTo("NodePort");
        assertThat(service.getSpec().getSelector()).isEqualTo(Map.of("app", "envoy"));
        assertThat(service.getSpec().getPorts())
                .extracting(port -> port.getName() + " " + port.getPort() + " -> "
                        + port.getTargetPort().getIntVal())
                .containsExactly("rest 8000 -> 20003", "grpc 8001 -> 20002");
        assertThat(ModelObjects.of(model, Resources.aecs(""), elsewhere).stream()
                        .filter(Service.class::isInstance))
                .hasSize(1);
    }

    @Test
    void a_replica_can_become_nobody_write_nowhere_and_call_no_API_server() {
        PodSpec pod = pod("");
        Container server = pod.getContainers().getFirst();

        assertThat(pod.getAutomountServiceAccountToken()).isFalse();
        assertThat(pod.getSecurityContext().getRunAsNonRoot()).isTrue();
        assertThat(pod.getSecurityContext().getSeccompProfile().getType()).isEqualTo("RuntimeDefault");
        assertThat(server.getSecurityContext().getReadOnlyRootFilesystem()).isTrue();
        assertThat(server.getSecurityContext().getAllowPrivilegeEscalation()).isFalse();
        assertThat(server.getSecurityContext().getCapabilities().getDrop()).containsExactly("ALL");
        assertThat(server.getVolumeMounts())
                .allSatisfy(mount -> assertThat(Boolean.TRUE.equals(mount.getReadOnly())
                                || mount.getMountPath().equals("/tmp"))
                        .isTrue());
    }

    @Test
    void the_EPC_is_asked_in_the_words_of_the_device_plugin() {
        Container intel = pod("").getContainers().getFirst();
        Container alibaba = pod("  tee: {kind: SGX, devicePlugin: Alibaba, epc: 1500Ki}\n")
                .getContainers()
                .getFirst();
        PodSpec tdx = pod("  tee: {kind: TDX, runtimeClass: kata-tdx}\n");

        assertThat(intel.getResources().getLimits())
                .containsEntry("sgx.intel.com/epc", new Quantity("90Mi"))
                .containsEntry("sgx.intel.com/enclave", new Quantity("1"))
                .containsEntry("sgx.intel.com/provision", new Quantity("1"));
        assertThat(alibaba.getResources().getLimits())
                .containsEntry("alibabacloud.com/sgx_epc_MiB", new Quantity("2"))
                .doesNotContainKey("sgx.intel.com/epc");
        assertThat(tdx.getRuntimeClassName()).isEqualTo("kata-tdx");
        assertThat(tdx.getContainers().getFirst().getResources().getLimits()).containsOnlyKeys("memory");
    }

    @Test
    void a_replica_that_stops_serves_on_while_its_removal_spreads() {
        PodSpec pod = pod("");

        assertThat(pod.getContainers()
                        .getFirst()
                        .getLifecycle()
                        .getPreStop()
                        .getSleep()
                        .getSeconds())
                .isLessThan(pod.getTerminationGracePeriodSeconds());
        assertThat(pod.getReadinessGates()).containsExactly(new PodReadinessGate(Labels.TAKES_LOAD));
    }

    @Test
    void another_configuration_is_another_template_and_the_same_one_is_the_same() {
        String before = Serialization.asYaml(objects(""));
        String again = Serialization.asYaml(objects(""));
        Deployment moved = Resources.find(objects("  service: other\n"), Deployment.class, "detector-v1");
        Deployment still = Resources.find(objects(""), Deployment.class, "detector-v1");

        assertThat(again).isEqualTo(before);
        assertThat(moved.getSpec().getTemplate()).isNotEqualTo(still.getSpec().getTemplate());
    }

    @Test
    void the_servers_configuration_names_every_replica_of_the_AECS() {
        ConfigMap config = Resources.find(objects(""), ConfigMap.class, "detector-server");

        assertThat(config.getData().get("server.json"))
                .contains("\"service\" : \"detector\"")
                .contains("keys-0.keys-peers.models.svc:7443")
                .contains("keys-2.keys-peers.models.svc:7443")
                .contains("\"pccs\" : \"https://pccs.example:8081\"");
    }

    @Test
    void connections_end_soon_enough_for_load_to_follow_weights_and_gates() {
        ConfigMap config = Resources.find(objects(""), ConfigMap.class, "detector-server");

        assertThat(config.getData().get("server.json")).contains("\"connectionSeconds\" : 30");
    }

    @Test
    void only_a_simulated_replica_sees_the_simulated_platform() {
        assertThat(Serialization.asYaml(pod(""))).doesNotContain(EnclavePod.SIMULATED_PLATFORM);
        assertThat(Serialization.asYaml(pod("  tee: {kind: Simulated, epc: 20Mi}\n")))
                .contains(EnclavePod.SIMULATED_PLATFORM);
    }

    private static PodSpec pod(String more) {
        return Resources.find(objects(more), Deployment.class, "detector-v1")
                .getSpec()
                .getTemplate()
                .getSpec();
    }

    private static List<HasMetadata> objects(String more) {
        return ModelObjects.of(Resources.model(more), Resources.aecs(""), Plan.asWritten(Resources.model(more)));
    }
}
