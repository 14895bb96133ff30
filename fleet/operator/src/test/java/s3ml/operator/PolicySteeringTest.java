package s3ml.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.javaoperatorsdk.operator.processing.event.ResourceID;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import s3ml.operator.desired.Plan;
import s3ml.operator.desired.Resources;
import s3ml.operator.resource.EnvoyPorts;
import s3ml.operator.resource.SecureModel;
import s3ml.operator.resource.SecureModelStatus;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;
import s3ml.wire.fleet.ModelExplanation;
import s3ml.wire.fleet.ReplicaWeight;

final class PolicySteeringTest {
    private static final PolicySteering.Envoys ENVOYS = new PolicySteering.Envoys("models", Map.of("app", "envoy"));

    private final SecureModel model = Resources.model("  scaledBy: PagingPolicy\n  maxReplicas: 4\n");
    private final PolicySteering steering = new PolicySteering(() -> List.of(model), ENVOYS);

    /// A decision with one replica for each weight, named a, b, ...; 0 is parked.
    private static Explanation tick(int desired, int... weights) {
        HostExplanation.Builder host = HostExplanation.newBuilder().setHost("n1");
        for (int i = 0; i < weights.length; i++) {
            host.addReplicas(ReplicaWeight.newBuilder()
                    .setReplica("models/" + (char) ('a' + i))
                    .setModel("models/detector")
                    .setActive(weights[i] > 0)
                    .setWeight(weights[i]));
        }
        return Explanation.newBuilder()
                .addHosts(host)
                .addModels(ModelExplanation.newBuilder()
                        .setModel("models/detector")
                        .setDesired(desired)
                        .addReasons("paging 2.0 over 1"))
                .build();
    }

    @Test
    void nothing_is_decided_before_the_first_tick() {
        assertThat(steering.relieved(model)).isEmpty();
        assertThat(steering.plan(model).replicas()).isEqualTo(2);
    }

    @Test
    void a_parked_replica_and_one_far_below_the_others_are_relieved() {
        Set<ResourceID> changed = steering.take(tick(4, 1000, 0, 200, 300));

        assertThat(steering.relieved(model)).contains(Set.of("b", "c"));
        assertThat(changed).containsExactly(new ResourceID("detector", "models"));
    }

    @Test
    void a_relieved_replica_is_open_again_from_half_of_the_largest_weight_on() {
        steering.take(tick(2, 1000, 100));

        steering.take(tick(2, 1000, 400));
        assertThat(steering.relieved(model)).contains(Set.of("b"));
        Set<ResourceID> changed = steering.take(tick(2, 1000, 500));

        assertThat(steering.relieved(model)).contains(Set.of());
        assertThat(changed).hasSize(1);
    }

    @Test
    void the_same_decision_again_wakes_nobody() {
        steering.take(tick(2, 1000, 0));

        assertThat(steering.take(tick(2, 1000, 0))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "2, 3, 2, 3", // one more is wanted
        "2, 3, 3, 2", // an upgrade has three for a moment, and three are enough: two are
        "3, 3, 2, 3", // one was asked for and is not there yet
        "3, 4, 2, 3", // so that no other is asked for meanwhile
        "3, 2, 3, 2", // one fewer
        "3, 3, 4, 3", // one is on its way out: not another
        "4, 6, 4, 4", // never above the ceiling
        "2, 1, 2, 2", // never below the floor
    })
    void the_count_follows_the_policys_steps_and_not_its_sums(int now, int desired, int has, int next) {
        assertThat(PolicySteering.next(model.getSpec(), now, desired, has)).isEqualTo(next);
    }

    @Test
    void the_count_of_the_policy_comes_with_its_reason_and_outlives_the_operator() {
        steering.take(tick(3, 1000, 1000));
        Plan plan = steering.plan(model);
        model.setStatus(new SecureModelStatus(7L, plan.replicas(), 2, 2, 0, "", null, null));
        PolicySteering next = new PolicySteering(() -> List.of(model), ENVOYS);

        assertThat(plan.replicas()).isEqualTo(3);
        assertThat(plan.reason()).contains("2 -> 3 replicas: paging 2.0 over 1");
        assertThat(next.plan(model).replicas()).isEqualTo(3);
    }

    @Test
    void a_model_that_is_not_scaled_by_the_policy_keeps_its_count() {
        SecureModel own = Resources.model("  replicas: 4\n");
        PolicySteering other = new PolicySteering(() -> List.of(own), ENVOYS);

        other.take(tick(7, 1000, 1000, 1000, 1000));

        assertThat(other.plan(own).replicas()).isEqualTo(4);
        assertThat(other.plan(own).reason()).isEmpty();
    }

    @Test
    void each_model_keeps_its_own_ports_of_Envoy() {
        SecureModel second = Resources.model("");
        second.getMetadata().setName("second");
        List<SecureModel> all = List.of(model, second);
        ListenerPorts ports = new ListenerPorts();

        EnvoyPorts first = ports.of(model, all).orElseThrow();
        EnvoyPorts other = ports.of(second, all).orElseThrow();
        second.setStatus(new SecureModelStatus(7L, 2, 2, 2, 0, "", other, null));
        ListenerPorts afterwards = new ListenerPorts();

        assertThat(first).isEqualTo(new EnvoyPorts(20_000, 20_001));
        assertThat(other).isEqualTo(new EnvoyPorts(20_002, 20_003));
        assertThat(afterwards.of(second, List.of(second))).contains(other);
        assertThat(afterwards.of(model, all)).isEqualTo(Optional.of(first));
    }

    @Test
    void Envoy_serves_only_the_models_of_its_own_namespace() {
        SecureModel far = Resources.model("");
        far.getMetadata().setNamespace("elsewhere");

        assertThat(steering.plan(model).envoys()).isNotEmpty();
        assertThat(new PolicySteering(() -> List.of(far), ENVOYS).plan(far).envoys())
                .isEmpty();
    }
}
