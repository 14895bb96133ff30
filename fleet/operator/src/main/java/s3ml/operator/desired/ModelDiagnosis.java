package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import s3ml.operator.resource.Canary;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.SecureModelStatus;

/// The status of a [SecureModel]: what is there, what is not, and what to do about it.
public final class ModelDiagnosis {
    /// The type of the condition that tells why there are as many replicas as there are.
    static final String SCALED = "Scaled";

    private ModelDiagnosis() {}

    /// The status while the AECS that the resource names does not exist. Nothing is made, and what was made before goes
    /// on.
    public static SecureModelStatus withoutAecs(SecureModel model, Collection<Pod> pods, Instant now) {
        return status(
                model,
                Plan.asWritten(model),
                pods,
                List.of(new Finding(
                        Finding.READY,
                        false,
                        "ConfigurationServiceMissing",
                        "no replica is started: there is no ConfigurationService \""
                                + model.getSpec().configurationService() + "\" in namespace "
                                + model.getMetadata().getNamespace()
                                + "; create it, or correct configurationService in the resource")),
                now);
    }

    /// The status when everything that ought to be there has been written.
    public static SecureModelStatus of(
            SecureModel model, ConfigurationService aecs, Plan plan, Collection<Pod> pods, Instant now) {
        List<Finding> faults = PodDiagnosis.of(pods, model.getSpec().tee());
        List<Finding> findings = new ArrayList<>();
        findings.add(ready(model, aecs, plan, pods, faults));
        findings.addAll(faults);
        plan.reason().ifPresent(reason -> findings.add(scaled(model, reason)));
        return status(model, plan, pods, findings, now);
    }

    /// Why the paging policy wants as many as it does. Its last reason stays until it has another one.
    private static Finding scaled(SecureModel model, String reason) {
        var before = Finding.find(
                model.getStatus() == null ? null : model.getStatus().conditions(), SCALED);
        String known =
                before == null ? "as few as allowed, until the policy has a reason for more" : before.getMessage();
        return new Finding(SCALED, true, "PagingPolicy", reason.isEmpty() ? known : reason);
    }

    private static Finding ready(
            SecureModel model, ConfigurationService aecs, Plan plan, Collection<Pod> pods, List<Finding> faults) {
        ReplicaSplit split = ReplicaSplit.of(model.getSpec(), plan.replicas());
        int wanted = split.first() + split.canary();
        long ready = pods.stream().filter(PodDiagnosis::isReady).count();
        long relieved = pods.stream().filter(PodDiagnosis::isRelieved).count();
        String count = ready + " of " + wanted + " replicas serve"
                + (relieved == 0 ? "" : ", " + relieved + " get no new connections because their hosts page");
        if (ready > 0 && ready + relieved >= wanted) {
            return new Finding(Finding.READY, true, "Serving", count);
        }
        for (Finding fault : faults) {
            if (!fault.holds()) {
                return new Finding(Finding.READY, false, fault.reason(), count + ". " + fault.message());
            }
        }
        var aecsReady =
                Finding.find(aecs.getStatus() == null ? null : aecs.getStatus().conditions(), Finding.READY);
        if (ready == 0 && (aecsReady == null || !"True".equals(aecsReady.getStatus()))) {
            return new Finding(
                    Finding.READY,
                    false,
                    "WaitsForConfigurationService",
                    count + ": ConfigurationService \"" + aecs.getMetadata().getName()
                            + "\" is not ready, and it gives the keys; look at its conditions");
        }
        return new Finding(
                Finding.READY,
                false,
                "Starting",
                count
                        + "; the others start, are attested and load the model. If this lasts, read the log of a Pod that is not ready");
    }

    private static SecureModelStatus status(
            SecureModel model, Plan plan, Collection<Pod> pods, List<Finding> findings, Instant now) {
        Canary canary = model.getSpec().canary();
        long onTrial = canary == null
                ? 0
                : pods.stream()
                        .filter(pod -> canary.version()
                                .name()
                                .equals(pod.getMetadata().getLabels().get(Labels.VERSION)))
                        .count();
        Long generation = model.getMetadata().getGeneration();
        return new SecureModelStatus(
                generation,
                plan.replicas(),
                pods.size(),
                (int) pods.stream().filter(PodDiagnosis::isReady).count(),
                (int) onTrial,
                text(Labels.selector(Labels.MODEL, model)),
                plan.ports().orElse(null),
                Finding.conditions(
                        findings,
                        model.getStatus() == null ? null : model.getStatus().conditions(),
                        generation,
                        now));
    }

    private static String text(Map<String, String> selector) {
        return selector.entrySet().stream()
                .map(entry -> entry.getKey() + "=" + entry.getValue())
                .collect(Collectors.joining(","));
    }
}
