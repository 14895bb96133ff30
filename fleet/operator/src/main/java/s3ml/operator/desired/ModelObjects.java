package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import s3ml.operator.resource.Canary;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.operator.resource.Exposure;
import s3ml.operator.resource.ModelVersion;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.SecureModelSpec;
import s3ml.operator.resource.TeeKind;

/// The objects of a model service: one Deployment for each version, and one L4 Service over all of them.
public final class ModelObjects {
    /// The Open Inference Protocol over HTTPS.
    public static final int REST_PORT = 8000;

    /// The Open Inference Protocol over gRPC.
    public static final int GRPC_PORT = 8001;

    /// Metrics, plain HTTP, never in a Service.
    public static final int METRICS_PORT = 8002;

    /// How long a replica that is to stop keeps serving while its removal spreads over the nodes.
    static final long SPREAD_SECONDS = 6;

    /// How long it may then take to finish what it has begun.
    private static final long DRAIN_SECONDS = 30;

    /// Weights and gates steer new connections only: this is the longest that the load of those that are there takes to
    /// follow them.
    private static final int CONNECTION_SECONDS = 30;

    private static final String PACKAGES = "/packages";

    private ModelObjects() {}

    /// Everything that ought to be there for that resource.
    public static List<HasMetadata> of(SecureModel model, ConfigurationService aecs, Plan plan) {
        SecureModelSpec spec = model.getSpec();
        String name = model.getMetadata().getName();
        ConfigMap config = config(model, aecs);
        String digest = ConfigText.digest(config.getData());
        ReplicaSplit split = ReplicaSplit.of(spec, plan.replicas());
        List<HasMetadata> all = new ArrayList<>();
        all.add(config);
        all.add(deployment(model, spec.version(), split.first(), digest));
        Canary canary = spec.canary();
        if (canary != null) {
            all.add(deployment(model, canary.version(), split.canary(), digest));
        }
        Exposure exposure = spec.exposure() == null ? Exposure.CLUSTER_IP : spec.exposure();
        all.add(Network.service(
                model,
                Labels.MODEL,
                name,
                exposure,
                List.of(Network.port("rest", REST_PORT), Network.port("grpc", GRPC_PORT))));
        EnvoyPorts envoy = plan.ports().orElse(null);
        if (envoy != null && !plan.envoys().isEmpty()) {
            all.add(Network.serviceOver(
                    Labels.meta(model, Labels.MODEL, name + "-envoy"),
                    plan.envoys(),
                    exposure,
                    List.of(
                            Network.port("rest", REST_PORT, envoy.rest()),
                            Network.port("grpc", GRPC_PORT, envoy.grpc()))));
        }
        all.add(Network.disruptionBudget(model, Labels.MODEL, name));
        all.add(Network.policy(
                model,
                Labels.MODEL,
                name + "-server",
                List.of(REST_PORT, GRPC_PORT, METRICS_PORT),
                List.of(
                        Network.toPods(Labels.selector(Labels.AECS, aecs), AecsObjects.PORT),
                        Network.toPort(Network.portOf(aecs.getSpec().pccs())))));
        return all;
    }

    /// Name of the Deployment of one version.
    public static String deploymentName(SecureModel model, ModelVersion version) {
        return model.getMetadata().getName() + "-" + version.name();
    }

    private static ConfigMap config(SecureModel model, ConfigurationService aecs) {
        Map<String, Object> settings = new LinkedHashMap<>();
        String service = model.getSpec().service();
        settings.put("service", service == null ? model.getMetadata().getName() : service);
        settings.put("aecs", AecsObjects.addresses(aecs));
        settings.put("pccs", aecs.getSpec().pccs());
        settings.put("packages", PACKAGES);
        settings.put("bind", "0.0.0.0");
        settings.put("restPort", REST_PORT);
        settings.put("grpcPort", GRPC_PORT);
        settings.put("metricsBind", "0.0.0.0");
        settings.put("metricsPort", METRICS_PORT);
        settings.put("drainSeconds", DRAIN_SECONDS - 5);
        settings.put("connectionSeconds", CONNECTION_SECONDS);
        return new ConfigMapBuilder()
                .withMetadata(
                        Labels.meta(model, Labels.MODEL, model.getMetadata().getName() + "-server"))
                .withData(Map.of("server.json", ConfigText.json(settings)))
                .build();
    }

    private static Deployment deployment(SecureModel model, ModelVersion version, int replicas, String configDigest) {
        Map<String, String> labels = Labels.with(Labels.selector(Labels.MODEL, model), Labels.VERSION, version.name());
        PodTemplateSpec template = EnclavePod.template(
                labels,
                model.getSpec().tee(),
                container(model.getSpec(), version).build(),
                configDigest,
                volumes(model, version));
        template.getSpec().setTerminationGracePeriodSeconds(SPREAD_SECONDS + DRAIN_SECONDS);
        template.getSpec()
                .setReadinessGates(List.of(new io.fabric8.kubernetes.api.model.PodReadinessGate(Labels.TAKES_LOAD)));
        return new DeploymentBuilder()
                .withMetadata(Labels.meta(model, Labels.MODEL, deploymentName(model, version)))
                .editMetadata()
                .addToLabels(Labels.VERSION, version.name())
                .endMetadata()
                .withNewSpec()
                .withReplicas(replicas)
                .withRevisionHistoryLimit(2)
                .withProgressDeadlineSeconds(300)
                .withNewSelector()
                .withMatchLabels(labels)
                .endSelector()
                .withNewStrategy()
                .withType("RollingUpdate")
                .withNewRollingUpdate()
                // Never below the wanted count, and one at a time: each start costs EPC on a host that also serves.
                .withMaxUnavailable(new IntOrString(0))
                .withMaxSurge(new IntOrString(1))
                .endRollingUpdate()
                .endStrategy()
                .withTemplate(template)
                .endSpec()
                .build();
    }

    private static ContainerBuilder container(SecureModelSpec spec, ModelVersion version) {
        ContainerBuilder container = EnclavePod.container(
                        "server",
                        version.image(),
                        EnclavePod.resources(spec.tee(), spec.wantedCompute()),
                        "server.json")
                .addNewPort()
                .withName("rest")
                .withContainerPort(REST_PORT)
                .endPort()
                .addNewPort()
                .withName("grpc")
                .withContainerPort(GRPC_PORT)
                .endPort()
                .addNewPort()
                .withName("metrics")
                .withContainerPort(METRICS_PORT)
                .endPort()
                .withReadinessProbe(new ProbeBuilder()
                        .withNewHttpGet()
                        .withScheme("HTTPS")
                        .withPath("/v2/health/ready")
                        .withNewPort("rest")
                        .endHttpGet()
                        .withPeriodSeconds(2)
                        .withTimeoutSeconds(2)
                        .build())
                .withNewLifecycle()
                .withNewPreStop()
                .withNewSleep(SPREAD_SECONDS)
                .endPreStop()
                .endLifecycle()
                .addToVolumeMounts(new VolumeMountBuilder()
                        .withName("packages")
                        .withMountPath(PACKAGES)
                        .withSubPath(version.folder())
                        .withReadOnly(true)
                        .build());
        return EnclavePod.mounted(container, spec.tee());
    }

    private static List<Volume> volumes(SecureModel model, ModelVersion version) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(new VolumeBuilder()
                .withName("config")
                .withNewConfigMap()
                .withName(model.getMetadata().getName() + "-server")
                .endConfigMap()
                .build());
        volumes.add(new VolumeBuilder()
                .withName("packages")
                .withNewPersistentVolumeClaim()
                .withClaimName(version.packages())
                .withReadOnly(true)
                .endPersistentVolumeClaim()
                .build());
        if (model.getSpec().tee().kind() == TeeKind.SIMULATED) {
            volumes.add(EnclavePod.simulatedPlatform());
        }
        return volumes;
    }
}
