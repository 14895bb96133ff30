package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.operator.resource.Tee;

/// What keeps the Pods of an enclave from running, in words for the person who can change it.
final class PodDiagnosis {
    static final String SCHEDULED = "Scheduled";
    static final String RUNNING = "Running";

    private static final Pattern CODE = Pattern.compile("\\b([A-Z]{3,4}-\\d)\\d{2}\\b");
    private static final Pattern MISSING_CLAIM = Pattern.compile("persistentvolumeclaim \"([^\"]+)\" not found");

    /// More of a process's last words than this belongs into its log.
    private static final int LONGEST_MESSAGE = 600;

    private PodDiagnosis() {}

    /// Whether the Pods have nodes and their processes run.
    static List<Finding> of(Collection<Pod> pods, Tee tee) {
        return List.of(scheduled(pods, tee), running(pods));
    }

    private static Finding scheduled(Collection<Pod> pods, Tee tee) {
        List<String> refusals = new ArrayList<>();
        for (Pod pod : pods) {
            condition(pod, "PodScheduled")
                    .filter(condition -> "False".equals(condition.getStatus()))
                    .ifPresent(condition -> refusals.add(condition.getMessage() == null ? "" : condition.getMessage()));
        }
        if (refusals.isEmpty()) {
            return new Finding(SCHEDULED, true, "Placed", "every replica has a node");
        }
        String said = refusals.getFirst();
        String count = refusals.size() + " of " + pods.size() + " replicas have no node: ";
        Matcher claim = MISSING_CLAIM.matcher(said);
        if (claim.find()) {
            return new Finding(
                    SCHEDULED,
                    false,
                    "PackageMissing",
                    count + "PersistentVolumeClaim " + claim.group(1)
                            + " is not in this namespace; create it with the model packages, or correct packages in the resource");
        }
        if (said.contains("Insufficient sgx.intel.com/") || said.contains("Insufficient alibabacloud.com/sgx")) {
            return new Finding(
                    SCHEDULED,
                    false,
                    "InsufficientEpc",
                    count + "each asks for " + tee.epc()
                            + " of EPC and no node has as much free (scheduler: " + said
                            + "); lower tee.epc or the count of replicas, add a TEE host, or look whether the device plugin runs on each");
        }
        return new Finding(
                SCHEDULED,
                false,
                "Unschedulable",
                count + "the scheduler says: " + said + "; make room for them or change what the resource asks for");
    }

    private static Finding running(Collection<Pod> pods) {
        for (Pod pod : pods) {
            for (ContainerStatus container : pod.getStatus().getContainerStatuses()) {
                if (Boolean.TRUE.equals(container.getReady())) {
                    continue;
                }
                Optional<Finding> fault = waiting(pod, container).or(() -> ended(pod, container));
                if (fault.isPresent()) {
                    return fault.get();
                }
            }
        }
        return new Finding(RUNNING, true, "NoFault", "no replica has been refused or has ended");
    }

    private static Optional<Finding> waiting(Pod pod, ContainerStatus container) {
        ContainerState state = container.getState();
        if (state == null || state.getWaiting() == null || state.getWaiting().getReason() == null) {
            return Optional.empty();
        }
        String reason = state.getWaiting().getReason();
        return switch (reason) {
            case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "InvalidImageName" ->
                Optional.of(new Finding(
                        RUNNING,
                        false,
                        "ImageMissing",
                        pod.getMetadata().getName() + " has no image: "
                                + container.getImage() + " cannot be had on node "
                                + pod.getSpec().getNodeName()
                                + "; push it to a registry that the nodes reach, or correct image in the resource"));
            case "CreateContainerConfigError" ->
                Optional.of(new Finding(
                        RUNNING,
                        false,
                        "ConfigurationMissing",
                        pod.getMetadata().getName() + " cannot start: "
                                + state.getWaiting().getMessage() + "; create what it names in this namespace"));
            default -> Optional.empty();
        };
    }

    private static Optional<Finding> ended(Pod pod, ContainerStatus container) {
        String words = lastWords(container.getState())
                .or(() -> lastWords(container.getLastState()))
                .orElse("");
        if (words.isEmpty()) {
            return Optional.empty();
        }
        Matcher code = CODE.matcher(words);
        String area = code.find() ? code.group(1) : "";
        String reason = switch (area) {
            // AECS-1xx is an AECS that cannot start; it says itself what to do.
            case "AECS-2", "ATT-1", "ATT-2", "ATT-3", "ATT-4" -> "KeyReleaseRefused";
            case "PRO-1" -> "PackageRefused";
            default -> "ProcessEnded";
        };
        String next = switch (reason) {
            case "KeyReleaseRefused" ->
                "; compare the image's measurement (s3ml measure) with the service's policy in the AECS, whose owner alone can change it";
            case "PackageRefused" -> "; put the package as it was packed into the volume, and its key into the AECS";
            default -> "; the log of the Pod holds the rest";
        };
        return Optional.of(
                new Finding(RUNNING, false, reason, pod.getMetadata().getName() + " ended, saying: " + words + next));
    }

    private static Optional<String> lastWords(@org.jspecify.annotations.Nullable ContainerState state) {
        if (state == null
                || state.getTerminated() == null
                || state.getTerminated().getMessage() == null) {
            return Optional.empty();
        }
        String[] lines = state.getTerminated().getMessage().strip().split("\n", -1);
        String last = lines[lines.length - 1].strip();
        for (String line : lines) {
            if (CODE.matcher(line).find()) {
                last = line.strip();
            }
        }
        return Optional.of(last.length() > LONGEST_MESSAGE ? last.substring(0, LONGEST_MESSAGE) : last)
                .filter(line -> !line.isEmpty());
    }

    /// The Pod's condition of that type.
    static Optional<PodCondition> condition(Pod pod, String type) {
        return pod.getStatus() == null
                ? Optional.empty()
                : pod.getStatus().getConditions().stream()
                        .filter(condition -> condition.getType().equals(type))
                        .findFirst();
    }

    /// Whether the Pod is in the Service: all its containers and gates are ready.
    static boolean isReady(Pod pod) {
        return is(pod, "Ready", "True");
    }

    /// Whether its process serves, whatever its gate says.
    static boolean serves(Pod pod) {
        return is(pod, "ContainersReady", "True");
    }

    /// Whether it serves and gets no new connections, because the paging policy has shut its gate.
    static boolean isRelieved(Pod pod) {
        return serves(pod) && is(pod, Labels.TAKES_LOAD, "False");
    }

    private static boolean is(Pod pod, String type, String status) {
        return condition(pod, type)
                .map(condition -> status.equals(condition.getStatus()))
                .orElse(false);
    }
}
