package s3ml.operator;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.javaoperatorsdk.operator.api.reconciler.Cleaner;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.DeleteControl;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import s3ml.operator.desired.AecsDiagnosis;
import s3ml.operator.desired.AecsObjects;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.ConfigurationServiceStatus;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.StateRetention;
import s3ml.operator.resource.StoreKind;

/// Keeps what a [ConfigurationService] asks for. Its deletion waits until no [SecureModel] names it, because an AECS
/// that vanishes ends every service which has its keys from it; then Kubernetes deletes what the resource owns.
@ControllerConfiguration(name = "configuration-service")
final class ConfigurationServiceReconciler implements Reconciler<ConfigurationService>, Cleaner<ConfigurationService> {
    private static final Duration AT_ONCE = Duration.ofMillis(1);
    private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

    private final InstantSource clock;

    ConfigurationServiceReconciler(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public List<EventSource<?, ConfigurationService>> prepareEventSources(
            EventSourceContext<ConfigurationService> context) {
        List<EventSource<?, ConfigurationService>> sources =
                new ArrayList<>(Owned.OF_AECS.eventSources(context, ConfigurationService.class));
        sources.add(Owned.OF_AECS.pods(context, ConfigurationService.class));
        return sources;
    }

    @Override
    public UpdateControl<ConfigurationService> reconcile(
            ConfigurationService aecs, Context<ConfigurationService> context) {
        Instant now = clock.instant();
        Owned.OF_AECS.reconcile(context, AecsObjects.of(aecs));
        ConfigurationServiceStatus status = AecsDiagnosis.of(aecs, context.getSecondaryResources(Pod.class), now);
        if (status.equals(aecs.getStatus())) {
            return UpdateControl.noUpdate();
        }
        ConfigurationService written =
                context.resourceOperations().serverSideApplyPrimaryStatus(changed(aecs, status, context, now));
        // The SDK takes the event of its own write for nothing new. When the resource was deleted meanwhile, that event
        // is the only one that tells, and the deletion would wait for ever.
        UpdateControl<ConfigurationService> done = UpdateControl.noUpdate();
        return written.isMarkedForDeletion() ? done.rescheduleAfter(AT_ONCE) : done;
    }

    @Override
    public DeleteControl cleanup(ConfigurationService aecs, Context<ConfigurationService> context) {
        Instant now = clock.instant();
        List<String> users = context
                .getClient()
                .resources(SecureModel.class)
                .inNamespace(aecs.getMetadata().getNamespace())
                .list()
                .getItems()
                .stream()
                .filter(model -> model.getSpec()
                        .configurationService()
                        .equals(aecs.getMetadata().getName()))
                .map(model -> model.getMetadata().getName())
                .sorted()
                .toList();
        if (!users.isEmpty()) {
            Collection<Pod> pods = context.getSecondaryResources(Pod.class);
            ConfigurationServiceStatus status = AecsDiagnosis.stillUsed(aecs, pods, users, now);
            if (!status.equals(aecs.getStatus())) {
                context.resourceOperations().serverSideApplyPrimaryStatus(changed(aecs, status, context, now));
            }
            return DeleteControl.noFinalizerRemoval().rescheduleAfter(LOOK_AGAIN);
        }
        if (aecs.getSpec().stateRetention() == StateRetention.DELETE
                && aecs.getSpec().store().kind() == StoreKind.ETCD) {
            EtcdState.delete(aecs);
        }
        return DeleteControl.defaultDelete();
    }

    private static ConfigurationService changed(
            ConfigurationService aecs,
            ConfigurationServiceStatus status,
            Context<ConfigurationService> context,
            Instant now) {
        ConfigurationServiceStatus before = aecs.getStatus();
        Happenings.tell(
                context.getClient(), aecs, before == null ? null : before.conditions(), status.conditions(), now);
        ConfigurationService patch = new ConfigurationService();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(aecs.getMetadata().getName())
                .withNamespace(aecs.getMetadata().getNamespace())
                .build());
        patch.setStatus(status);
        return patch;
    }
}
