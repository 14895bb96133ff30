package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.SecurityContextBuilder;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraint;
import io.fabric8.kubernetes.api.model.TopologySpreadConstraintBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import io.fabric8.kubernetes.api.model.VolumeMountBuilder;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import s3ml.operator.resource.Compute;
import s3ml.operator.resource.DevicePlugin;
import s3ml.operator.resource.Tee;
import s3ml.operator.resource.TeeKind;

/// What the Pods of every enclave have in common: no rights, a read-only root, the EPC that the scheduler must count,
/// an even spread.
final class EnclavePod {
    /// The user of the images; any number above 0 will do, a fixed one makes file ownership on volumes predictable.
    static final long USER = 10_001;

    static final String CONFIG_FOLDER = "/config";

    /// Secret with the state of the simulated platform; its name says what it is wherever it is listed.
    static final String SIMULATED_PLATFORM = "s3ml-simulated-platform";

    private static final BigDecimal MEBIBYTE = BigDecimal.valueOf(1024 * 1024);

    private EnclavePod() {}

    /// What one replica asks of its node, the EPC in the words of its device plugin.
    static Map<String, Quantity> resources(Tee tee, Compute compute) {
        Map<String, Quantity> wanted = new TreeMap<>();
        wanted.put("cpu", new Quantity(compute.cpu()));
        wanted.put("memory", new Quantity(compute.memory()));
        String epc = tee.epc();
        if (tee.kind() == TeeKind.TDX || epc == null) {
            return wanted;
        }
        switch (tee.plugin()) {
            case DevicePlugin.INTEL -> {
                wanted.put("sgx.intel.com/epc", new Quantity(epc));
                wanted.put("sgx.intel.com/enclave", new Quantity("1"));
                wanted.put("sgx.intel.com/provision", new Quantity("1"));
            }
            case DevicePlugin.ALIBABA -> wanted.put("alibabacloud.com/sgx_epc_MiB", new Quantity(mebibytes(epc)));
        }
        return wanted;
    }

    /// The same without CPU: a limit there would only make a replica wait while cores are idle.
    private static Map<String, Quantity> limits(Map<String, Quantity> requests) {
        Map<String, Quantity> limits = new TreeMap<>(requests);
        limits.remove("cpu");
        return limits;
    }

    private static String mebibytes(String epc) {
        BigDecimal bytes = Quantity.getAmountInBytes(new Quantity(epc));
        return bytes.divide(MEBIBYTE, java.math.RoundingMode.CEILING)
                .toBigInteger()
                .toString();
    }

    /// A container of an enclave: its image takes the path of its configuration, can become nobody and write nowhere.
    static ContainerBuilder container(String name, String image, Map<String, Quantity> resources, String configFile) {
        return new ContainerBuilder()
                .withName(name)
                .withImage(image)
                .withArgs(CONFIG_FOLDER + "/" + configFile)
                .withSecurityContext(new SecurityContextBuilder()
                        .withAllowPrivilegeEscalation(false)
                        .withReadOnlyRootFilesystem(true)
                        .withNewCapabilities()
                        .withDrop("ALL")
                        .endCapabilities()
                        .build())
                // The last line a refused enclave writes names the claim that failed; it becomes a condition of the
                // resource.
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .withNewResources()
                .withRequests(resources)
                .withLimits(limits(resources))
                .endResources()
                .addToVolumeMounts(
                        new VolumeMountBuilder()
                                .withName("config")
                                .withMountPath(CONFIG_FOLDER)
                                .withReadOnly(true)
                                .build(),
                        new VolumeMountBuilder()
                                .withName("tmp")
                                .withMountPath("/tmp")
                                .build());
    }

    /// The template of a Pod with that one container.
    static PodTemplateSpec template(
            Map<String, String> labels, Tee tee, Container container, String configDigest, List<Volume> volumes) {
        Map<String, String> all =
                Labels.with(labels, Labels.TEE, tee.kind().name().toLowerCase(java.util.Locale.ROOT));
        PodSpecBuilder pod = new PodSpecBuilder()
                .withContainers(container)
                .withVolumes(volumes)
                .addToVolumes(new VolumeBuilder()
                        .withName("tmp")
                        .withNewEmptyDir()
                        .withSizeLimit(new Quantity("512Mi"))
                        .endEmptyDir()
                        .build())
                .withAutomountServiceAccountToken(false)
                .withEnableServiceLinks(false)
                .withTopologySpreadConstraints(
                        spread("kubernetes.io/hostname", labels), spread("topology.kubernetes.io/zone", labels))
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(USER)
                .withRunAsGroup(USER)
                .withFsGroup(USER)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext();
        if (tee.runtimeClass() != null) {
            pod.withRuntimeClassName(tee.runtimeClass());
        }
        return new PodTemplateSpecBuilder()
                .withNewMetadata()
                .withLabels(all)
                .addToAnnotations(Labels.CONFIG_DIGEST, configDigest)
                .endMetadata()
                .withSpec(pod.build())
                .build();
    }

    /// The container, with the simulated platform's state when it has no TEE.
    static ContainerBuilder mounted(ContainerBuilder container, Tee tee) {
        return tee.kind() == TeeKind.SIMULATED
                ? container.addToVolumeMounts(new VolumeMountBuilder()
                        .withName("simulated-platform")
                        .withMountPath("/simulated-platform")
                        .withReadOnly(true)
                        .build())
                : container;
    }

    /// The state of the simulated platform, for a Pod that has no TEE.
    static Volume simulatedPlatform() {
        return new VolumeBuilder()
                .withName("simulated-platform")
                .withNewSecret()
                .withSecretName(SIMULATED_PLATFORM)
                .withDefaultMode(0440)
                .endSecret()
                .build();
    }

    private static TopologySpreadConstraint spread(String key, Map<String, String> labels) {
        // Not a must: with EPC scarce, an uneven fleet is better than a Pending one.
        return new TopologySpreadConstraintBuilder()
                .withMaxSkew(1)
                .withTopologyKey(key)
                .withWhenUnsatisfiable("ScheduleAnyway")
                // A rolling upgrade would count the old replicas, too, and could leave all new ones on the host that
                // had room for the first.
                .withMatchLabelKeys("pod-template-hash")
                .withNewLabelSelector()
                .withMatchLabels(labels)
                .endLabelSelector()
                .build();
    }
}
