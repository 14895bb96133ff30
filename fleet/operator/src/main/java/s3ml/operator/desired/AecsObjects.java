package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.apps.StatefulSetBuilder;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.ConfigurationServiceSpec;
import s3ml.operator.resource.Exposure;
import s3ml.operator.resource.StateRetention;
import s3ml.operator.resource.Store;
import s3ml.operator.resource.StoreKind;
import s3ml.operator.resource.TeeKind;

/// The objects of an AECS: a StatefulSet with stable names, so that replicas find each other, and what goes with it.
public final class AecsObjects {
    /// gRPC of the AECS.
    public static final int PORT = 7443;

    /// Metrics and health of the AECS, plain HTTP, never in a Service.
    public static final int METRICS_PORT = 7444;

    private static final String STATE = "/state";

    private AecsObjects() {}

    /// Everything that ought to be there for that resource.
    public static List<HasMetadata> of(ConfigurationService aecs) {
        ConfigMap config = config(aecs);
        Exposure exposure = aecs.getSpec().exposure();
        return List.of(
                config,
                peers(aecs),
                Network.service(
                        aecs,
                        Labels.AECS,
                        aecs.getMetadata().getName(),
                        exposure == null ? Exposure.CLUSTER_IP : exposure,
                        List.of(Network.port("grpc", PORT))),
                statefulSet(aecs, ConfigText.digest(config.getData())),
                Network.disruptionBudget(aecs, Labels.AECS, aecs.getMetadata().getName()),
                networkPolicy(aecs));
    }

    /// HOST:PORT of each replica, for its peers and for model servers, which fail over between them.
    public static List<String> addresses(ConfigurationService aecs) {
        List<String> all = new ArrayList<>();
        String name = aecs.getMetadata().getName();
        for (int i = 0; i < aecs.getSpec().wantedReplicas(); i++) {
            all.add("%s-%d.%s-peers.%s.svc:%d"
                    .formatted(name, i, name, aecs.getMetadata().getNamespace(), PORT));
        }
        return all;
    }

    private static ConfigMap config(ConfigurationService aecs) {
        Map<String, String> files = new LinkedHashMap<>();
        for (int i = 0; i < aecs.getSpec().wantedReplicas(); i++) {
            files.put(aecs.getMetadata().getName() + "-" + i + ".json", ConfigText.json(settings(aecs, i)));
        }
        return new ConfigMapBuilder()
                .withMetadata(Labels.meta(aecs, Labels.AECS, aecs.getMetadata().getName() + "-aecs"))
                .withData(files)
                .build();
    }

    private static Map<String, Object> settings(ConfigurationService aecs, int ordinal) {
        ConfigurationServiceSpec spec = aecs.getSpec();
        List<String> peers = new ArrayList<>(addresses(aecs));
        peers.remove(ordinal);
        Map<String, Object> settings = new LinkedHashMap<>();
        settings.put("bind", "0.0.0.0");
        settings.put("port", PORT);
        settings.put("metricsPort", METRICS_PORT);
        settings.put("store", store(aecs));
        settings.put("rootFile", STATE + "/aecs.root");
        settings.put("admins", spec.admins());
        settings.put("pccs", spec.pccs());
        if (spec.leaseSeconds() != null) {
            settings.put("leaseSeconds", spec.leaseSeconds());
        }
        if (spec.witnesses() != null) {
            settings.put("witnesses", spec.witnesses());
        }
        if (spec.witnessesNeeded() != null) {
            settings.put("witnessesNeeded", spec.witnessesNeeded());
        }
        settings.put("peers", peers);
        // One of them begins; the others wait for it, and it, too, asks them first when it comes back with an empty
        // store.
        settings.put("create", ordinal == 0);
        return settings;
    }

    private static String store(ConfigurationService aecs) {
        Store store = aecs.getSpec().store();
        return switch (store.kind()) {
            case StoreKind.SQLITE -> "sqlite:" + STATE + "/aecs.db";
            case StoreKind.ETCD -> {
                List<String> endpoints = store.endpoints() == null ? List.of() : store.endpoints();
                yield "etcd:" + String.join(",", endpoints) + "/" + etcdPrefix(aecs);
            }
        };
    }

    /// What every key of that AECS in etcd begins with, before a slash.
    public static String etcdPrefix(ConfigurationService aecs) {
        String given = aecs.getSpec().store().prefix();
        return given == null
                ? aecs.getMetadata().getNamespace() + "/" + aecs.getMetadata().getName()
                : given;
    }

    private static Service peers(ConfigurationService aecs) {
        return new ServiceBuilder()
                .withMetadata(Labels.meta(aecs, Labels.AECS, aecs.getMetadata().getName() + "-peers"))
                .withNewSpec()
                .withClusterIP("None")
                // A replica is not ready before it has the root secret, which it gets from its peers by these names.
                .withPublishNotReadyAddresses(true)
                .withSelector(Labels.selector(Labels.AECS, aecs))
                .withPorts(Network.port("grpc", PORT))
                .endSpec()
                .build();
    }

    private static StatefulSet statefulSet(ConfigurationService aecs, String configDigest) {
        ConfigurationServiceSpec spec = aecs.getSpec();
        Map<String, String> labels = Labels.selector(Labels.AECS, aecs);
        StatefulSetBuilder set = new StatefulSetBuilder()
                .withMetadata(Labels.meta(aecs, Labels.AECS, aecs.getMetadata().getName()))
                .withNewSpec()
                .withReplicas(spec.wantedReplicas())
                .withServiceName(aecs.getMetadata().getName() + "-peers")
                // All at once: whichever replica lives can give the root to the others, the first one is not special.
                .withPodManagementPolicy("Parallel")
                .withNewSelector()
                .withMatchLabels(labels)
                .endSelector()
                .withTemplate(
                        EnclavePod.template(labels, spec.tee(), container(spec).build(), configDigest, volumes(aecs)))
                .endSpec();
        if (spec.volume() != null) {
            set.editSpec()
                    .withVolumeClaimTemplates(claim(spec.volume()))
                    .withNewPersistentVolumeClaimRetentionPolicy()
                    .withWhenDeleted(spec.stateRetention() == StateRetention.DELETE ? "Delete" : "Retain")
                    .withWhenScaled("Retain")
                    .endPersistentVolumeClaimRetentionPolicy()
                    .endSpec();
        }
        return set.build();
    }

    private static ContainerBuilder container(ConfigurationServiceSpec spec) {
        ContainerBuilder container = EnclavePod.container(
                        "aecs",
                        spec.image(),
                        EnclavePod.resources(spec.tee(), spec.wantedCompute()),
                        "$(POD_NAME).json")
                .addToEnv(new EnvVarBuilder()
                        .withName("POD_NAME")
                        .withNewValueFrom()
                        .withNewFieldRef()
                        .withFieldPath("metadata.name")
                        .endFieldRef()
                        .endValueFrom()
                        .build())
                .addNewPort()
                .withName("grpc")
                .withContainerPort(PORT)
                .endPort()
                .addNewPort()
                .withName("metrics")
                .withContainerPort(METRICS_PORT)
                .endPort()
                .withReadinessProbe(new ProbeBuilder()
                        .withNewHttpGet()
                        .withPath("/ready")
                        .withNewPort("metrics")
                        .endHttpGet()
                        .withPeriodSeconds(2)
                        .withTimeoutSeconds(2)
                        .build())
                .addToVolumeMounts(new VolumeMountBuilder()
                        .withName("state")
                        .withMountPath(STATE)
                        .build());
        return EnclavePod.mounted(container, spec.tee());
    }

    private static List<Volume> volumes(ConfigurationService aecs) {
        List<Volume> volumes = new ArrayList<>();
        volumes.add(new VolumeBuilder()
                .withName("config")
                .withNewConfigMap()
                .withName(aecs.getMetadata().getName() + "-aecs")
                .endConfigMap()
                .build());
        if (aecs.getSpec().volume() == null) {
            volumes.add(new VolumeBuilder()
                    .withName("state")
                    .withNewEmptyDir()
                    .endEmptyDir()
                    .build());
        }
        if (aecs.getSpec().tee().kind() == TeeKind.SIMULATED) {
            volumes.add(EnclavePod.simulatedPlatform());
        }
        return volumes;
    }

    private static PersistentVolumeClaim claim(s3ml.operator.resource.Volume volume) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withName("state")
                .endMetadata()
                .withNewSpec()
                .withAccessModes("ReadWriteOnce")
                .withStorageClassName(volume.storageClass())
                .withNewResources()
                .addToRequests("storage", new Quantity(volume.size()))
                .endResources()
                .endSpec()
                .build();
    }

    private static HasMetadata networkPolicy(ConfigurationService aecs) {
        List<NetworkPolicyEgressRule> out = new ArrayList<>();
        out.add(Network.toPods(Labels.selector(Labels.AECS, aecs), PORT));
        out.add(Network.toPort(Network.portOf(aecs.getSpec().pccs())));
        List<String> elsewhere = new ArrayList<>();
        if (aecs.getSpec().store().endpoints() != null) {
            elsewhere.addAll(aecs.getSpec().store().endpoints());
        }
        if (aecs.getSpec().witnesses() != null) {
            aecs.getSpec().witnesses().forEach(witness -> elsewhere.add(witness.address()));
        }
        elsewhere.stream()
                .map(endpoint -> Integer.parseInt(endpoint.substring(endpoint.lastIndexOf(':') + 1)))
                .distinct()
                .forEach(port -> out.add(Network.toPort(port)));
        return Network.policy(
                aecs, Labels.AECS, aecs.getMetadata().getName() + "-aecs", List.of(PORT, METRICS_PORT), out);
    }
}
