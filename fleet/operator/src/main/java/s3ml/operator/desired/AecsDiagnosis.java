package s3ml.operator.desired;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.ConfigurationServiceStatus;

/// The status of a [ConfigurationService].
public final class AecsDiagnosis {
    private AecsDiagnosis() {}

    /// The status when everything that ought to be there has been written.
    public static ConfigurationServiceStatus of(ConfigurationService aecs, Collection<Pod> pods, Instant now) {
        List<Finding> faults = PodDiagnosis.of(pods, aecs.getSpec().tee());
        int wanted = aecs.getSpec().wantedReplicas();
        long ready = pods.stream().filter(PodDiagnosis::isReady).count();
        List<Finding> findings = new ArrayList<>();
        findings.add(ready(wanted, ready, faults));
        findings.addAll(faults);
        return status(aecs, (int) ready, findings, now);
    }

    /// The status while the resource is to be deleted and services still depend on it.
    public static ConfigurationServiceStatus stillUsed(
            ConfigurationService aecs, Collection<Pod> pods, List<String> models, Instant now) {
        return status(
                aecs,
                (int) pods.stream().filter(PodDiagnosis::isReady).count(),
                List.of(new Finding(
                        Finding.READY,
                        false,
                        "StillUsed",
                        "the AECS is kept although it is to be deleted: SecureModels " + String.join(", ", models)
                                + " get their keys from it and would stop when their leases end; delete them first")),
                now);
    }

    private static Finding ready(int wanted, long ready, List<Finding> faults) {
        String count = ready + " of " + wanted + " replicas answer";
        if (ready >= wanted) {
            return new Finding(Finding.READY, true, "Serving", count);
        }
        for (Finding fault : faults) {
            if (!fault.holds()) {
                // One replica is enough to release keys: the services go on.
                return new Finding(Finding.READY, ready > 0, fault.reason(), count + ". " + fault.message());
            }
        }
        return new Finding(
                Finding.READY,
                ready > 0,
                ready > 0 ? "Degraded" : "Starting",
                count
                        + (ready > 0
                                ? "; keys are released, the others get the root secret from their peers, once the admins let them in (s3ml aecs replicas)"
                                : "; it starts"));
    }

    private static ConfigurationServiceStatus status(
            ConfigurationService aecs, int ready, List<Finding> findings, Instant now) {
        Long generation = aecs.getMetadata().getGeneration();
        return new ConfigurationServiceStatus(
                generation,
                ready,
                Finding.conditions(
                        findings,
                        aecs.getStatus() == null ? null : aecs.getStatus().conditions(),
                        generation,
                        now));
    }
}
