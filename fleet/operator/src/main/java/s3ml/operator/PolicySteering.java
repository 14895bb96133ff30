package s3ml.operator;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import s3ml.operator.desired.FleetConfigs;
import s3ml.operator.desired.Plan;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.operator.resource.ScaledBy;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.SecureModelSpec;
import s3ml.operator.resource.SecureModelStatus;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;
import s3ml.wire.fleet.ModelExplanation;
import s3ml.wire.fleet.ReplicaWeight;

/// Makes gates and counts of the control plane's decisions. While none comes the last ones stay. Thread-safe.
final class PolicySteering implements Steering {
    /// Below this share of its model's largest weight a replica is relieved. A gate is open or shut and knows nothing
    /// in between, so a weight that is merely lower than others leaves it open.
    private static final double SHUT_BELOW = 0.25;

    /// From this share on it is open again: more, so that a gate does not swing.
    private static final double OPEN_FROM = 0.5;

    private final Supplier<Collection<SecureModel>> models;
    private final Envoys envoys;
    private final ListenerPorts ports = new ListenerPorts();
    private final Map<String, Decided> decided = new HashMap<>();

    /// Where the chart's Envoys are.
    ///
    /// @param namespace a Service can select Pods of its own namespace only
    /// @param labels by which they are selected
    record Envoys(String namespace, Map<String, String> labels) {
        Envoys {
            labels = Map.copyOf(labels);
        }
    }

    /// @param relieved names of Pods
    /// @param replicas wanted; absent while the policy has never changed the count
    private record Decided(Set<String> relieved, Optional<Integer> replicas, String reason) {}

    /// @param models all that there are, as they are now
    PolicySteering(Supplier<Collection<SecureModel>> models, Envoys envoys) {
        this.models = models;
        this.envoys = envoys;
    }

    @Override
    public synchronized Optional<Set<String>> relieved(SecureModel model) {
        return Optional.ofNullable(decided.get(FleetConfigs.name(model))).map(Decided::relieved);
    }

    @Override
    public synchronized Plan plan(SecureModel model) {
        Optional<String> reason = Optional.empty();
        int replicas = model.getSpec().wantedReplicas();
        if (model.getSpec().scaledBy() == ScaledBy.PAGING_POLICY) {
            Decided known = decided.get(FleetConfigs.name(model));
            replicas = wanted(model, known);
            reason = Optional.of(known == null ? "" : known.reason());
        }
        boolean near = envoys.namespace().equals(model.getMetadata().getNamespace());
        return new Plan(replicas, reason, ports(model), near ? envoys.labels() : Map.of());
    }

    /// Where Envoy takes the model's connections.
    Optional<EnvoyPorts> ports(SecureModel model) {
        return ports.of(model, models.get());
    }

    /// Takes what a tick decided.
    ///
    /// @return the models about which something else is decided now
    synchronized Set<ResourceID> take(Explanation tick) {
        Map<String, List<ReplicaWeight>> replicas = new HashMap<>();
        for (HostExplanation host : tick.getHostsList()) {
            host.getReplicasList()
                    .forEach(replica -> replicas.computeIfAbsent(replica.getModel(), name -> new ArrayList<>())
                            .add(replica));
        }
        Map<String, ModelExplanation> scales = new HashMap<>();
        tick.getModelsList().forEach(model -> scales.put(model.getModel(), model));
        Set<ResourceID> changed = new HashSet<>();
        Set<String> there = new HashSet<>();
        for (SecureModel model : models.get()) {
            String name = FleetConfigs.name(model);
            there.add(name);
            Decided before = decided.get(name);
            List<ReplicaWeight> own = replicas.getOrDefault(name, List.of());
            Decided after = decide(model, before, own, scales.get(name));
            if (!after.equals(before)) {
                decided.put(name, after);
                changed.add(ResourceID.fromResource(model));
            }
        }
        decided.keySet().retainAll(there);
        return changed;
    }

    private static Decided decide(
            SecureModel model,
            @org.jspecify.annotations.Nullable Decided before,
            List<ReplicaWeight> replicas,
            @org.jspecify.annotations.Nullable ModelExplanation scale) {
        Set<String> relieved = relieved(before == null ? Set.of() : before.relieved(), replicas);
        Optional<Integer> wanted = before == null ? Optional.empty() : before.replicas();
        String reason = before == null ? "" : before.reason();
        if (scale != null && model.getSpec().scaledBy() == ScaledBy.PAGING_POLICY) {
            int now = wanted(model, before);
            int next = next(model.getSpec(), now, scale.getDesired(), replicas.size());
            if (next != now) {
                wanted = Optional.of(next);
                reason = now + " -> " + next + " replicas: " + String.join("; ", scale.getReasonsList());
            }
        }
        return new Decided(relieved, wanted, reason);
    }

    private static Set<String> relieved(Set<String> before, List<ReplicaWeight> replicas) {
        int largest = replicas.stream().mapToInt(ReplicaWeight::getWeight).max().orElse(0);
        Set<String> relieved = new HashSet<>();
        for (ReplicaWeight replica : replicas) {
            String pod = replica.getReplica().substring(replica.getReplica().indexOf('/') + 1);
            double least = largest * (before.contains(pod) ? OPEN_FROM : SHUT_BELOW);
            if (!replica.getActive() || replica.getWeight() < least) {
                relieved.add(pod);
            }
        }
        return Set.copyOf(relieved);
    }

    /// The count after a decision. The control plane counts Pods, among them those that a rolling upgrade has added for
    /// a moment: what it wants more or less is taken, not its sum. And it does not know what is on its way: nothing
    /// more is started before everything that was asked for is there, and nothing more ended before all others are
    /// gone.
    static int next(SecureModelSpec spec, int now, int desired, int has) {
        int step = desired - has;
        boolean due = step > 0 ? has >= now : has <= now;
        return due ? spec.clamped(now + step) : now;
    }

    private static int wanted(SecureModel model, @org.jspecify.annotations.Nullable Decided known) {
        SecureModelSpec spec = model.getSpec();
        SecureModelStatus status = model.getStatus();
        if (known != null && known.replicas().isPresent()) {
            return spec.clamped(known.replicas().get());
        }
        Integer told = status == null ? null : status.wantedReplicas();
        return spec.clamped(told == null ? 0 : told);
    }
}
