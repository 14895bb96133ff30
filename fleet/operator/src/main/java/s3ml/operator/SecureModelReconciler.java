package s3ml.operator;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.Cache;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import s3ml.operator.desired.Handover;
import s3ml.operator.desired.ModelDiagnosis;
import s3ml.operator.desired.ModelObjects;
import s3ml.operator.desired.Plan;
import s3ml.operator.desired.ReplicaSplit;
import s3ml.operator.resource.ConfigurationService;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.SecureModelStatus;

/// Keeps what a [SecureModel] asks for. What it made is deleted by Kubernetes with the resource, which owns it.
@ControllerConfiguration(name = "secure-model")
final class SecureModelReconciler implements Reconciler<SecureModel> {
    private static final String BY_AECS = "by-configuration-service";

    private final InstantSource clock;
    private final Seen seen = new Seen();
    private final Steering steering;

    /// What the informers see; nothing before the controller has started.
    static final class Seen {
        private volatile @Nullable Cache<SecureModel> models;
        private volatile @Nullable Cache<Pod> pods;
        private final SimpleInboundEventSource<SecureModel> decisions = new SimpleInboundEventSource<>("Decisions");

        /// All models.
        Collection<SecureModel> models() {
            Cache<SecureModel> cache = models;
            return cache == null ? List.of() : cache.list().toList();
        }

        /// All Pods of models.
        Collection<Pod> pods() {
            Cache<Pod> cache = pods;
            return cache == null ? List.of() : cache.list().toList();
        }

        /// Has the model looked at again.
        void wake(ResourceID model) {
            decisions.propagateEvent(model);
        }
    }

    SecureModelReconciler(InstantSource clock, Function<Seen, Steering> steeredBy) {
        this.clock = clock;
        this.steering = steeredBy.apply(seen);
    }

    @Override
    public List<EventSource<?, SecureModel>> prepareEventSources(EventSourceContext<SecureModel> context) {
        context.getPrimaryCache()
                .addIndexer(BY_AECS, model -> List.of(aecsOf(model).toString()));
        List<EventSource<?, SecureModel>> sources =
                new ArrayList<>(Owned.OF_MODELS.eventSources(context, SecureModel.class));
        InformerEventSource<Pod, SecureModel> pods = Owned.OF_MODELS.pods(context, SecureModel.class);
        seen.models = context.getPrimaryCache();
        seen.pods = pods;
        sources.add(pods);
        sources.add(seen.decisions);
        sources.add(new InformerEventSource<>(
                InformerEventSourceConfiguration.from(ConfigurationService.class, SecureModel.class)
                        .withName("ConfigurationService")
                        .withNamespacesInheritedFromController()
                        .withPrimaryToSecondaryMapper((SecureModel model) -> Set.of(aecsOf(model)))
                        .withSecondaryToPrimaryMapper(aecs ->
                                context
                                        .getPrimaryCache()
                                        .byIndex(
                                                BY_AECS,
                                                ResourceID.fromResource(aecs).toString())
                                        .stream()
                                        .map(ResourceID::fromResource)
                                        .collect(Collectors.toSet()))
                        .build(),
                context));
        return sources;
    }

    private static void write(SecureModel model, ConfigurationService aecs, Plan plan, Context<SecureModel> context) {
        List<HasMetadata> end = ModelObjects.of(model, aecs, plan);
        ReplicaSplit split = ReplicaSplit.of(model.getSpec(), plan.replicas());
        Handover handover =
                new Handover(context.getSecondaryResources(Deployment.class), split.first() + split.canary());
        Owned.OF_MODELS.reconcile(context, handover.now(end));
    }

    private static ResourceID aecsOf(SecureModel model) {
        return new ResourceID(
                model.getSpec().configurationService(), model.getMetadata().getNamespace());
    }

    @Override
    public UpdateControl<SecureModel> reconcile(SecureModel model, Context<SecureModel> context) {
        Instant now = clock.instant();
        Collection<Pod> pods = context.getSecondaryResources(Pod.class);
        Optional<ConfigurationService> aecs = context.getSecondaryResource(ConfigurationService.class);
        SecureModelStatus status;
        if (aecs.isEmpty()) {
            status = ModelDiagnosis.withoutAecs(model, pods, now);
        } else {
            Plan plan = steering.plan(model);
            write(model, aecs.get(), plan, context);
            LoadGates.set(context.getClient(), pods, steering.relieved(model), now);
            status = ModelDiagnosis.of(model, aecs.get(), plan, pods, now);
            tellScaling(context, model, plan, now);
        }
        SecureModelStatus before = model.getStatus();
        if (status.equals(before)) {
            return UpdateControl.noUpdate();
        }
        Happenings.tell(
                context.getClient(), model, before == null ? null : before.conditions(), status.conditions(), now);
        SecureModel patch = new SecureModel();
        patch.setMetadata(new ObjectMetaBuilder()
                .withName(model.getMetadata().getName())
                .withNamespace(model.getMetadata().getNamespace())
                .build());
        patch.setStatus(status);
        return UpdateControl.patchStatus(patch);
    }

    private static void tellScaling(Context<SecureModel> context, SecureModel model, Plan plan, Instant now) {
        SecureModelStatus before = model.getStatus();
        Integer was = before == null ? null : before.wantedReplicas();
        String reason = plan.reason().orElse("");
        if (was != null && was != plan.replicas() && !reason.isEmpty()) {
            Happenings.tell(context.getClient(), model, new Happenings.What(true, "Scaled", reason), now);
        }
    }
}
