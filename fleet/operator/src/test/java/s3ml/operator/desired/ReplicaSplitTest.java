package s3ml.operator.desired;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReplicaSplitTest {

    @ParameterizedTest
    @CsvSource({
        "10, 10, 9, 1",
        "4, 10, 3, 1",
        "4, 50, 2, 2",
        "4, 99, 1, 4",
        "4, 100, 0, 4",
        "4, 0, 4, 0",
        "1, 1, 1, 1",
    })
    void a_share_above_zero_gets_a_replica_and_below_a_hundred_leaves_one(
            int wanted, int percent, int first, int canary) {
        ReplicaSplit split =
                ReplicaSplit.of(Resources.model("""
                  replicas: %d
                  minReplicas: 1
                  maxReplicas: 20
                  canary: {percent: %d, version: {name: v2, image: x, packages: p}}
                """.formatted(wanted, percent)).getSpec(), wanted);

        assertThat(split).isEqualTo(new ReplicaSplit(first, canary));
    }

    @Test
    void at_no_share_fewer_replicas_serve_than_are_wanted() {
        for (int wanted : new int[] {1, 2, 3, 10, 40}) {
            for (int percent = 0; percent <= 100; percent += 4) {
                ReplicaSplit split = ReplicaSplit.of(
                        Resources.model("""
                          replicas: %d
                          minReplicas: 1
                          maxReplicas: 40
                          canary: {percent: %d, version: {name: v2, image: x, packages: p}}
                        """.formatted(wanted, percent)).getSpec(), wanted);

                assertThat(split.first() + split.canary()).isBetween(wanted, wanted + 1);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "2, 2", "5, 5", "8, 8", "9, 8", "1000, 8"})
    void the_wanted_count_stays_between_floor_and_ceiling(int asked, int wanted) {
        assertThat(Resources.model("  replicas: " + asked + "\n").getSpec().wantedReplicas())
                .isEqualTo(wanted);
    }
}
