package s3ml.operator;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.dependent.kubernetes.SSABasedGenericKubernetesResourceMatcher;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import s3ml.operator.desired.Labels;

/// The objects that the resources of one type own: watched, written when they differ from what ought to be there,
/// deleted when they ought not.
///
/// @param label which all of them carry; each controller watches its own objects only, so that none is kept twice
/// @param kinds what the operator makes, and so may delete; nothing else is ever deleted by it
record Owned(String label, List<Class<? extends HasMetadata>> kinds) {
    static final Owned OF_MODELS = new Owned(
            Labels.MODEL,
            List.of(ConfigMap.class, Service.class, Deployment.class, PodDisruptionBudget.class, NetworkPolicy.class));

    static final Owned OF_AECS = new Owned(
            Labels.AECS,
            List.of(ConfigMap.class, Service.class, StatefulSet.class, PodDisruptionBudget.class, NetworkPolicy.class));

    /// Informers on everything that is made for resources of type `primary`.
    <P extends HasMetadata> List<EventSource<?, P>> eventSources(EventSourceContext<P> context, Class<P> primary) {
        List<EventSource<?, P>> sources = new ArrayList<>();
        for (Class<? extends HasMetadata> kind : kinds) {
            sources.add(informer(context, primary, kind));
        }
        return sources;
    }

    /// Informer on their Pods.
    <P extends HasMetadata> InformerEventSource<Pod, P> pods(EventSourceContext<P> context, Class<P> primary) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, primary)
                        .withName("Pod")
                        .withLabelSelector(selector())
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(pod -> Set.of(new ResourceID(
                                pod.getMetadata().getLabels().get(label),
                                pod.getMetadata().getNamespace())))
                        .build(),
                context);
    }

    private String selector() {
        return Labels.OWNED_KEY + "=" + Labels.OWNED_VALUE + "," + label;
    }

    private <P extends HasMetadata, R extends HasMetadata> InformerEventSource<R, P> informer(
            EventSourceContext<P> context, Class<P> primary, Class<R> kind) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, primary)
                        .withName(kind.getSimpleName())
                        .withLabelSelector(selector())
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
    }

    /// Makes the cluster hold exactly these objects for the resource. Writes only what differs, so that a second call
    /// writes nothing.
    <P extends HasMetadata> void reconcile(Context<P> context, Collection<HasMetadata> desired) {
        for (HasMetadata object : desired) {
            apply(context, object);
        }
        for (Class<? extends HasMetadata> kind : kinds) {
            Set<String> wanted = desired.stream()
                    .filter(kind::isInstance)
                    .map(object -> object.getMetadata().getName())
                    .collect(Collectors.toSet());
            context.getSecondaryResourcesAsStream(kind)
                    .filter(actual -> !wanted.contains(actual.getMetadata().getName()))
                    .filter(actual -> actual.getMetadata().getDeletionTimestamp() == null)
                    .forEach(actual -> context.getClient().resource(actual).delete());
        }
    }

    @SuppressWarnings("unchecked") // An object is compared with the one of its own class.
    private static <P extends HasMetadata, R extends HasMetadata> void apply(Context<P> context, R desired) {
        Class<R> kind = (Class<R>) desired.getClass();
        boolean asItOughtToBe = context.getSecondaryResourcesAsStream(kind)
                .filter(actual -> actual.getMetadata()
                        .getName()
                        .equals(desired.getMetadata().getName()))
                .anyMatch(actual -> SSABasedGenericKubernetesResourceMatcher.<R>getInstance()
                        .matches(actual, desired, context));
        if (!asItOughtToBe) {
            context.resourceOperations().serverSideApply(desired);
        }
    }
}
