package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ReplicaConfig;

final class SharesTest {
    private final FleetConfig.Builder fleet = FleetConfig.newBuilder();
    private final Map<String, Integer> weights = new HashMap<>();

    /// A replica on a host of its own.
    private void replica(String model, String name, int weight) {
        replica(model, name, ReplicaConfig.Phase.SERVING);
        weights.put(name, weight);
    }

    private void replica(String model, String name, ReplicaConfig.Phase phase) {
        fleet.addHosts(HostConfig.newBuilder()
                .setName("h-" + name)
                .addReplicas(
                        ReplicaConfig.newBuilder().setName(name).setModel(model).setPhase(phase)));
    }

    private Map<String, Integer> shares() {
        return Shares.of(fleet.build(), weights);
    }

    @Test
    void shares_are_of_each_model_by_itself_and_replicas_without_a_metrics_page_count() {
        replica("m", "a", 1000);
        replica("m", "b", 250);
        replica("n", "c", 7);

        assertThat(shares()).containsOnly(Map.entry("a", 800_000), Map.entry("b", 200_000), Map.entry("c", 1_000_000));
    }

    @Test
    void weights_that_all_fall_alike_change_no_share() {
        replica("m", "a", 1000);
        replica("m", "b", 500);
        Map<String, Integer> before = shares();

        weights.replaceAll((name, weight) -> weight / 2);

        assertThat(shares()).isEqualTo(before);
    }

    @Test
    void a_replica_that_is_added_and_one_that_comes_back_lower_the_shares_of_the_others() {
        replica("m", "a", 1000);
        assertThat(shares()).containsOnly(Map.entry("a", 1_000_000));
        replica("m", "b", 0);
        assertThat(shares()).containsOnly(Map.entry("a", 1_000_000), Map.entry("b", 0));

        weights.put("b", 1000);
        assertThat(shares()).containsOnly(Map.entry("a", 500_000), Map.entry("b", 500_000));
        replica("m", "c", 2000);
        assertThat(shares()).containsOnly(Map.entry("a", 250_000), Map.entry("b", 250_000), Map.entry("c", 500_000));
    }

    @Test
    void a_model_of_which_all_replicas_are_parked_has_no_shares() {
        replica("m", "a", 0);
        replica("m", "b", 0);
        replica("n", "c", 0);
        replica("n", "d", 1);

        assertThat(shares()).containsOnly(Map.entry("c", 0), Map.entry("d", 1_000_000));
    }

    @Test
    void replicas_that_do_not_serve_or_of_which_nothing_was_decided_have_none_and_count_nothing() {
        replica("m", "a", 1000);
        replica("m", "starting", ReplicaConfig.Phase.STARTING);
        replica("m", "ending", ReplicaConfig.Phase.ENDING);
        replica("m", "new", ReplicaConfig.Phase.SERVING);
        weights.put("starting", 1000);
        weights.put("ending", 1000);
        weights.put("gone", 1000);

        assertThat(shares()).containsOnly(Map.entry("a", 1_000_000));
    }

    @Test
    void a_replica_that_is_not_parked_has_a_share_however_small() {
        for (int i = 0; i < 3000; i++) {
            replica("m", "r" + i, 1000);
        }
        replica("m", "small", 1);

        assertThat(shares()).containsEntry("small", 1).containsEntry("r0", 333);
    }
}
