package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.operator.resource.Profile;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.SecureModelSpec;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// The fleet as the control plane is told it: models from their resources, hosts and replicas from their Pods.
public final class FleetConfigs {
    private static final long PAGE = 4096;
    private static final double MILLIS_PER_SECOND = 1000;

    /// An objective is usually some ten times what one inference takes.
    private static final double SERVICE_SHARE = 0.1;

    /// One request in fifty at half load may reload the working set: docs/paging.md.
    private static final double RELOAD_SHARE = 0.01;

    private FleetConfigs() {}

    /// Name of a resource or Pod in the fleet, which knows no namespaces.
    public static String name(HasMetadata object) {
        return object.getMetadata().getNamespace() + "/" + object.getMetadata().getName();
    }

    /// The fleet of these models. The same view gives an equal message.
    ///
    /// @param ports of each model; a model without is balanced by gates alone
    public static FleetConfig of(
            Collection<SecureModel> models, Collection<Pod> pods, Function<SecureModel, Optional<EnvoyPorts>> ports) {
        FleetConfig.Builder fleet = FleetConfig.newBuilder().setListenerAddress("0.0.0.0");
        Set<String> names = new HashSet<>();
        models.stream().sorted(Comparator.comparing(FleetConfigs::name)).forEach(model -> {
            names.add(name(model));
            fleet.addModels(model(model, ports.apply(model)));
        });
        Map<String, HostConfig.Builder> hosts = new TreeMap<>();
        pods.stream()
                .filter(FleetConfigs::isPlaced)
                .sorted(Comparator.comparing(FleetConfigs::name))
                .forEach(pod -> {
                    ReplicaConfig replica = replica(pod);
                    if (names.contains(replica.getModel())) {
                        hosts.computeIfAbsent(
                                        pod.getSpec().getNodeName(),
                                        node -> HostConfig.newBuilder().setName(node))
                                .addReplicas(replica);
                    }
                });
        hosts.values().forEach(fleet::addHosts);
        return fleet.build();
    }

    private static ModelConfig model(SecureModel model, Optional<EnvoyPorts> ports) {
        SecureModelSpec spec = model.getSpec();
        Profile profile = spec.profile();
        double objective = spec.slo().latencyP99().toMillis();
        Integer measured = profile == null ? null : profile.serviceMillis();
        double service = measured == null ? objective * SERVICE_SHARE : measured;
        String epc = spec.tee().epc();
        long pages = Math.max(1, bytes(epc == null ? spec.wantedCompute().memory() : epc) / PAGE);
        Integer fitted = profile == null ? null : profile.pagingThreshold();
        // Without EPC nothing is paged in and out by the processor, and no formula tells what the host's own paging
        // costs.
        double formula = epc == null ? 0 : RELOAD_SHARE * pages / (service / MILLIS_PER_SECOND);
        return ModelConfig.newBuilder()
                .setName(name(model))
                .setObjectiveMillis(objective)
                .setServiceMillis(service)
                .setWorkingSetPages(pages)
                .setPagingThreshold(fitted == null ? formula : fitted)
                .setListenerPort(ports.map(EnvoyPorts::grpc).orElse(0))
                .setRestListenerPort(ports.map(EnvoyPorts::rest).orElse(0))
                .build();
    }

    private static long bytes(String quantity) {
        return Quantity.getAmountInBytes(new Quantity(quantity)).longValue();
    }

    /// Has a node and an address, and has not ended for good.
    private static boolean isPlaced(Pod pod) {
        String node = pod.getSpec().getNodeName();
        String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
        return node != null
                && !node.isEmpty()
                && phase != null
                && !phase.equals("Succeeded")
                && !phase.equals("Failed")
                && pod.getStatus().getPodIP() != null
                && !pod.getStatus().getPodIP().isEmpty();
    }

    private static ReplicaConfig replica(Pod pod) {
        return ReplicaConfig.newBuilder()
                .setName(name(pod))
                .setModel(pod.getMetadata().getNamespace() + "/"
                        + pod.getMetadata().getLabels().get(Labels.MODEL))
                .setAddress(pod.getStatus().getPodIP())
                .setPort(ModelObjects.GRPC_PORT)
                .setRestPort(ModelObjects.REST_PORT)
                .setMetricsPort(ModelObjects.METRICS_PORT)
                .setPhase(phase(pod))
                .build();
    }

    /// By the containers' own readiness: that of the Pod depends on the gate, and the gate on what is decided here.
    private static ReplicaConfig.Phase phase(Pod pod) {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
            return ReplicaConfig.Phase.ENDING;
        }
        return PodDiagnosis.serves(pod) ? ReplicaConfig.Phase.SERVING : ReplicaConfig.Phase.STARTING;
    }
}
