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
import java.util.function.Predicate;
import java.util.stream.Collectors;
import s3ml.operator.desired.Labels;

/// The objects that a resource owns: watched, written when they differ from what ought to be there, deleted when they
/// ought not.
final class Owned {
    /// What the operator makes, and so may delete. Nothing else is ever deleted by it.
    private static final List<Class<? extends HasMetadata>> KINDS = List.of(
            ConfigMap.class,
            Service.class,
            Deployment.class,
            StatefulSet.class,
            PodDisruptionBudget.class,
            NetworkPolicy.class);

    private static final String SELECTOR = Labels.OWNED_KEY + "=" + Labels.OWNED_VALUE;

    private Owned() {}

    /// Informers on everything that is made for resources of type `primary`.
    static <P extends HasMetadata> List<EventSource<?, P>> eventSources(
            EventSourceContext<P> context, Class<P> primary) {
        List<EventSource<?, P>> sources = new ArrayList<>();
        for (Class<? extends HasMetadata> kind : KINDS) {
            sources.add(informer(context, primary, kind));
        }
        return sources;
    }

    /// Informer on the Pods that carry `label`.
    static <P extends HasMetadata> InformerEventSource<Pod, P> pods(
            EventSourceContext<P> context, Class<P> primary, String label) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(Pod.class, primary)
                        .withName("Pod")
                        .withLabelSelector(SELECTOR + "," + label)
                        .withNamespacesInheritedFromController()
                        .withSecondaryToPrimaryMapper(pod -> Set.of(new ResourceID(
                                pod.getMetadata().getLabels().get(label),
                                pod.getMetadata().getNamespace())))
                        .build(),
                context);
    }

    private static <P extends HasMetadata, R extends HasMetadata> InformerEventSource<R, P> informer(
            EventSourceContext<P> context, Class<P> primary, Class<R> kind) {
        return new InformerEventSource<>(
                InformerEventSourceConfiguration.from(kind, primary)
                        .withName(kind.getSimpleName())
                        .withLabelSelector(SELECTOR)
                        .withNamespacesInheritedFromController()
                        .build(),
                context);
    }

    /// Makes the cluster hold exactly these objects for the resource. Writes only what differs, so that a second call
    /// writes nothing.
    static <P extends HasMetadata> void reconcile(Context<P> context, Collection<HasMetadata> desired) {
        reconcile(context, desired, object -> false);
    }

    /// As above, but what `stays` is not deleted yet.
    static <P extends HasMetadata> void reconcile(
            Context<P> context, Collection<HasMetadata> desired, Predicate<HasMetadata> stays) {
        for (HasMetadata object : desired) {
            apply(context, object);
        }
        for (Class<? extends HasMetadata> kind : KINDS) {
            Set<String> wanted = desired.stream()
                    .filter(kind::isInstance)
                    .map(object -> object.getMetadata().getName())
                    .collect(Collectors.toSet());
            context.getSecondaryResourcesAsStream(kind)
                    .filter(actual -> !wanted.contains(actual.getMetadata().getName()))
                    .filter(actual -> actual.getMetadata().getDeletionTimestamp() == null)
                    .filter(actual -> !stays.test(actual))
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
