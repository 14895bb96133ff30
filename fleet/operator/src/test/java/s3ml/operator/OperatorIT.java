package s3ml.operator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import s3ml.operator.desired.Labels;
import s3ml.operator.desired.Resources;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.SecureModel;

/// The operator against a real API server and the generated definitions.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class OperatorIT extends RunningOperator {
    @Test
    void a_model_and_its_AECS_become_the_objects_that_run_them() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(""))).create();

        await(() -> deployment("detector-v1") != null
                && client.apps()
                                .statefulSets()
                                .inNamespace("models")
                                .withName("keys")
                                .get()
                        != null);

        StatefulSet aecs = client.apps()
                .statefulSets()
                .inNamespace("models")
                .withName("keys")
                .get();
        assertThat(aecs.getSpec().getReplicas()).isEqualTo(3);
        assertThat(deployment("detector-v1").getSpec().getReplicas()).isEqualTo(2);
        assertThat(client.services().inNamespace("models").withName("detector").get())
                .isNotNull();
        assertThat(client.policy()
                        .v1()
                        .podDisruptionBudget()
                        .inNamespace("models")
                        .withName("detector")
                        .get())
                .isNotNull();
        await(() -> "WaitsForConfigurationService".equals(reason("detector")));
    }

    @Test
    void a_second_look_at_the_same_resource_writes_nothing() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(""))).create();
        await(() -> "WaitsForConfigurationService".equals(reason("detector")));
        String before = deployment("detector-v1").getMetadata().getResourceVersion();
        String configBefore = config().getMetadata().getResourceVersion();
        long done = counts.succeeded();

        despiteOtherWriters(() -> client.resources(SecureModel.class)
                .inNamespace("models")
                .withName("detector")
                .edit(model -> {
                    model.getMetadata().setAnnotations(java.util.Map.of("note", "touched"));
                    return model;
                }));
        client.resources(SecureModel.class)
                .inNamespace("models")
                .withName("detector")
                .scale(3);
        await(() ->
                counts.succeeded() > done && deployment("detector-v1").getSpec().getReplicas() == 3);

        assertThat(config().getMetadata().getResourceVersion()).isEqualTo(configBefore);
        assertThat(deployment("detector-v1").getMetadata().getResourceVersion()).isNotEqualTo(before);
    }

    @Test
    void a_manual_edit_of_an_owned_object_is_put_back() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(""))).create();
        await(() -> deployment("detector-v1") != null);

        despiteOtherWriters(() -> client.apps()
                .deployments()
                .inNamespace("models")
                .withName("detector-v1")
                .edit(deployment -> {
                    deployment.getSpec().setReplicas(7);
                    deployment
                            .getSpec()
                            .getTemplate()
                            .getSpec()
                            .getContainers()
                            .getFirst()
                            .setImage("registry.example/other:1");
                    return deployment;
                }));
        client.services().inNamespace("models").withName("detector").delete();

        await(() -> deployment("detector-v1").getSpec().getReplicas() == 2
                && deployment("detector-v1")
                        .getSpec()
                        .getTemplate()
                        .getSpec()
                        .getContainers()
                        .getFirst()
                        .getImage()
                        .equals("registry.example/s3ml-server:1")
                && client.services().inNamespace("models").withName("detector").get() != null);
    }

    @Test
    void a_canary_comes_beside_the_first_version_and_goes_again() {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(
                        "  replicas: 4\n  canary: {percent: 25, version: {name: v2, image: x, packages: p}}\n")))
                .create();
        await(() -> deployment("detector-v2") != null);
        assertThat(deployment("detector-v1").getSpec().getReplicas()).isEqualTo(3);
        assertThat(deployment("detector-v2").getSpec().getReplicas()).isEqualTo(1);

        despiteOtherWriters(() -> client.resources(SecureModel.class)
                .inNamespace("models")
                .withName("detector")
                .edit(model -> {
                    model.setSpec(Resources.model("  replicas: 4\n").getSpec());
                    return model;
                }));

        await(() -> deployment("detector-v2") == null
                && deployment("detector-v1").getSpec().getReplicas() == 4);
    }

    @Test
    void a_model_without_its_AECS_makes_nothing_until_it_comes() {
        client.resource(fresh(Resources.model(""))).create();
        await(() -> "ConfigurationServiceMissing".equals(reason("detector")));
        assertThat(deployment("detector-v1")).isNull();

        client.resource(fresh(Resources.aecs(""))).create();

        await(() -> deployment("detector-v1") != null);
    }

    @Test
    void an_AECS_that_is_deleted_while_its_status_is_written_goes() {
        for (int time = 0; time < 100; time++) {
            ConfigurationService aecs =
                    client.resource(fresh(Resources.aecs(""))).create();
            // Without a pause, because the status is written right behind the last of the objects.
            long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
            while (client.apps()
                                    .statefulSets()
                                    .inNamespace("models")
                                    .withName("keys")
                                    .get()
                            == null
                    && System.nanoTime() < end) {
                Thread.onSpinWait();
            }
            LockSupport.parkNanos((time % 50) * 500_000L);

            client.resource(aecs).delete();

            await(() -> client.resource(aecs).get() == null);
            client.apps().statefulSets().inNamespace("models").delete();
        }
    }

    @Test
    void an_AECS_that_a_model_needs_is_not_deleted_before_it() throws InterruptedException {
        client.resource(fresh(Resources.aecs(""))).create();
        client.resource(fresh(Resources.model(""))).create();
        await(() -> deployment("detector-v1") != null);

        client.resources(ConfigurationService.class)
                .inNamespace("models")
                .withName("keys")
                .delete();
        await(() -> "StillUsed".equals(aecsReason()));
        client.resources(SecureModel.class)
                .inNamespace("models")
                .withName("detector")
                .delete();

        await(() -> client.resources(ConfigurationService.class)
                        .inNamespace("models")
                        .withName("keys")
                        .get()
                == null);
    }

    /// `-Ds3ml.models=1000` measures the rate that docs/kubernetes.md tells.
    @Test
    void many_models_are_kept_at_once() {
        int many = Integer.getInteger("s3ml.models", 40);
        client.resource(fresh(Resources.aecs(""))).create();
        long began = System.nanoTime();
        for (int i = 0; i < many; i++) {
            SecureModel model = fresh(Resources.model(""));
            model.getMetadata().setName("many-" + i);
            client.resource(model).create();
        }

        await(
                Duration.ofMinutes(10),
                () -> client.apps()
                                .deployments()
                                .inNamespace("models")
                                .withLabel(Labels.MODEL)
                                .list()
                                .getItems()
                                .size()
                        == many);

        System.out.printf("%d models in %.1f s%n", many, (System.nanoTime() - began) / 1e9);
    }

    @Test
    void the_API_server_refuses_what_cannot_be_meant() {
        assertRefused("  minReplicas: 5\n  maxReplicas: 3\n", "minReplicas is above maxReplicas");
        assertRefused("  slo: {p99: \"500\"}\n", "spec.slo.p99");
        assertRefused("  tee: {kind: SGX}\n", "epc is needed");
        assertRefused("  tee: {kind: TDX}\n", "runtimeClass is needed");
        assertRefused(
                "  canary: {percent: 10, version: {name: v1, image: x, packages: p}}\n", "the canary has the name");
        assertRefused("  replicas: 0\n", "spec.replicas");
        assertRefused("  profile: {serviceMillis: 0}\n", "spec.profile.serviceMillis");

        assertThatThrownBy(() -> apply(fresh(Resources.aecs("  replicas: 3\n  store: {kind: SQLite}\n"))))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("SQLite takes one replica")
                .hasMessageContaining("SQLite needs a volume");
        assertThatThrownBy(() -> apply(fresh(Resources.aecs("  admins: []\n"))))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining("spec.admins");
    }

    private static void assertRefused(String spec, String why) {
        assertThatThrownBy(() -> apply(fresh(Resources.model(spec))))
                .isInstanceOf(KubernetesClientException.class)
                .hasMessageContaining(why);
    }

    private static void apply(io.fabric8.kubernetes.api.model.HasMetadata resource) {
        client.resource(resource)
                .patch(new PatchContext.Builder()
                        .withPatchType(PatchType.SERVER_SIDE_APPLY)
                        .withFieldManager("test")
                        .withForce(true)
                        .build());
    }
}
