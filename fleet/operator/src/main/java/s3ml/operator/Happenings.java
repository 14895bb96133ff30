package s3ml.operator;

import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.lang.System.Logger;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.jspecify.annotations.Nullable;
import s3ml.operator.desired.Finding;

/// Events: what `kubectl describe` tells about a resource. One for each change of what its `Ready` condition says, and
/// one for each change of its count by the paging policy.
final class Happenings {
    private static final Logger LOG = System.getLogger(Happenings.class.getName());
    private static final String COMPONENT = "s3ml-operator";

    private Happenings() {}

    /// Tells the change from the conditions `before` to those `now`, if there is one.
    static void tell(
            KubernetesClient client,
            HasMetadata resource,
            @Nullable List<Condition> before,
            @Nullable List<Condition> now,
            Instant at) {
        Condition was = Finding.find(before, Finding.READY);
        Condition is = Finding.find(now, Finding.READY);
        if (is == null
                || (was != null
                        && was.getReason().equals(is.getReason())
                        && was.getStatus().equals(is.getStatus()))) {
            return;
        }
        boolean usual = "True".equals(is.getStatus()) || "Starting".equals(is.getReason());
        tell(client, resource, new What(usual, is.getReason(), is.getMessage()), at);
    }

    /// What has happened.
    ///
    /// @param usual whether nobody need look
    /// @param reason one word for programs
    /// @param message for a person
    record What(boolean usual, String reason, String message) {}

    /// Tells it.
    static void tell(KubernetesClient client, HasMetadata resource, What what, Instant at) {
        String time = at.truncatedTo(ChronoUnit.SECONDS).toString();
        try {
            client.v1()
                    .events()
                    .inNamespace(resource.getMetadata().getNamespace())
                    .resource(new EventBuilder()
                            .withNewMetadata()
                            .withGenerateName(resource.getMetadata().getName() + ".")
                            .withNamespace(resource.getMetadata().getNamespace())
                            .endMetadata()
                            .withType(what.usual() ? "Normal" : "Warning")
                            .withReason(what.reason())
                            .withMessage(what.message())
                            .withFirstTimestamp(time)
                            .withLastTimestamp(time)
                            .withCount(1)
                            .withNewSource()
                            .withComponent(COMPONENT)
                            .endSource()
                            .withReportingComponent(COMPONENT)
                            .withNewInvolvedObject()
                            .withApiVersion(resource.getApiVersion())
                            .withKind(resource.getKind())
                            .withName(resource.getMetadata().getName())
                            .withNamespace(resource.getMetadata().getNamespace())
                            .withUid(resource.getMetadata().getUid())
                            .endInvolvedObject()
                            .build())
                    .create();
        } catch (KubernetesClientException e) {
            // An event is a courtesy; the condition holds the same words.
            LOG.log(Logger.Level.DEBUG, "event not written: {0}", e.getMessage());
        }
    }
}
