package s3ml.operator;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.javaoperatorsdk.operator.Operator;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import s3ml.operator.desired.Finding;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.SecureModel;

/// An operator at work on a real API server with the generated definitions, for tests that extend it.
@SuppressWarnings("NullAway.Init") // Set before the first test.
abstract class RunningOperator {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    private static Path folder;

    private static RealApiServer server;
    static KubernetesClient client;
    private static Operator operator;
    static ReconcileCounts counts;
    static PolicySteering steering;
    static SecureModelReconciler.Seen seen;

    @BeforeAll
    static void start() throws IOException, InterruptedException {
        Path program =
                Path.of(Objects.requireNonNull(System.getProperty("s3ml.components")), "kubernetes", "kubernetes");
        assumeTrue(Files.isExecutable(program), "the test cluster's programs have not been built");
        server = RealApiServer.start(folder, program);
        client = new KubernetesClientBuilder().withConfig(server.config()).build();
        for (String kind : List.of("securemodels", "configurationservices")) {
            try (InputStream definition =
                    RunningOperator.class.getResourceAsStream("/META-INF/fabric8/" + kind + ".s3ml.internal-v1.yml")) {
                client.load(definition).serverSideApply();
            }
        }
        client.resource(new io.fabric8.kubernetes.api.model.NamespaceBuilder()
                        .withNewMetadata()
                        .withName("models")
                        .endMetadata()
                        .build())
                .create();
        await(() -> definitionsAreServed());
        counts = new ReconcileCounts();
        operator = new Operator(overrider -> overrider
                .withKubernetesClient(new KubernetesClientBuilder()
                        .withConfig(server.config())
                        .build())
                .withMetrics(counts)
                .withCloseClientOnStop(true));
        operator.register(
                new ConfigurationServiceReconciler(InstantSource.system()),
                controller -> controller.settingNamespace("models"));
        operator.register(
                new SecureModelReconciler(InstantSource.system(), RunningOperator::steering),
                controller -> controller.settingNamespace("models"));
        operator.start();
    }

    private static Steering steering(SecureModelReconciler.Seen informers) {
        seen = informers;
        steering = new PolicySteering(
                informers::models, new PolicySteering.Envoys("models", java.util.Map.of("app", "envoy")));
        return steering;
    }

    @AfterAll
    static void stop() {
        if (server == null) {
            return;
        }
        operator.stop();
        client.close();
        server.close();
    }

    @AfterEach
    void deleteResources() {
        client.resources(SecureModel.class).inNamespace("models").delete();
        client.resources(ConfigurationService.class).inNamespace("models").delete();
        await(() -> client.resources(ConfigurationService.class)
                .inNamespace("models")
                .list()
                .getItems()
                .isEmpty());
        // No controller manager runs here, which would delete what the resources owned.
        client.apps().deployments().inNamespace("models").delete();
        client.apps().statefulSets().inNamespace("models").delete();
        client.pods().inNamespace("models").delete();
    }

    static boolean definitionsAreServed() {
        try {
            return client.resources(SecureModel.class).inNamespace("models").list() != null
                    && client.resources(ConfigurationService.class)
                                    .inNamespace("models")
                                    .list()
                            != null;
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    static Deployment deployment(String name) {
        return client.apps().deployments().inNamespace("models").withName(name).get();
    }

    static ConfigMap config() {
        return client.configMaps()
                .inNamespace("models")
                .withName("detector-server")
                .get();
    }

    static SecureModel model(String name) {
        return client.resources(SecureModel.class)
                .inNamespace("models")
                .withName(name)
                .get();
    }

    static Optional<Condition> condition(String name, String type) {
        SecureModel model = model(name);
        return model == null || model.getStatus() == null
                ? Optional.empty()
                : Optional.ofNullable(Finding.find(model.getStatus().conditions(), type));
    }

    static String reason(String name) {
        return condition(name, Finding.READY).map(Condition::getReason).orElse("");
    }

    static String aecsReason() {
        ConfigurationService aecs = client.resources(ConfigurationService.class)
                .inNamespace("models")
                .withName("keys")
                .get();
        return aecs == null || aecs.getStatus() == null
                ? ""
                : reason(aecs.getStatus().conditions());
    }

    static String reason(@org.jspecify.annotations.Nullable List<Condition> conditions) {
        Condition ready = Finding.find(conditions, Finding.READY);
        return ready == null ? "" : ready.getReason();
    }

    static void await(BooleanSupplier holds) {
        await(PATIENCE, holds);
    }

    static void await(Duration patience, BooleanSupplier holds) {
        Instant until = Instant.now().plus(patience);
        while (!holds.getAsBoolean()) {
            if (Instant.now().isAfter(until)) {
                throw new AssertionError("did not come true within " + patience);
            }
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new AssertionError(e);
            }
        }
    }
    /// The resource as a provider would write it: what the API server sets is not in it.
    static <T extends io.fabric8.kubernetes.api.model.HasMetadata> T fresh(T resource) {
        resource.getMetadata().setUid(null);
        resource.getMetadata().setGeneration(null);
        return resource;
    }

    /// The operator writes the status meanwhile: the API server then refuses an edit of what was read before, as any
    /// editor must expect.
    static void despiteOtherWriters(Runnable edit) {
        await(() -> {
            try {
                edit.run();
                return true;
            } catch (KubernetesClientException e) {
                if (e.getCode() != HttpURLConnection.HTTP_CONFLICT) {
                    throw e;
                }
                return false;
            }
        });
    }
}
