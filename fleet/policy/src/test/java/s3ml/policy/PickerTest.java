package s3ml.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PickerTest {
    private static int[] counts(Picker picker, int[] weights, int picks) {
        int[] counts = new int[weights.length];
        for (int i = 0; i < picks; i++) {
            counts[picker.pick(weights, new int[weights.length])]++;
        }
        return counts;
    }

    @Test
    void round_robin_follows_the_weights_exactly() {
        assertThat(counts(new Picker.RoundRobin(), new int[] {3, 1, 0}, 400)).containsExactly(300, 100, 0);
    }

    @Test
    void least_outstanding_prefers_the_idle_and_takes_turns_among_equals() {
        Picker picker = new Picker.LeastOutstanding();

        assertThat(picker.pick(new int[] {1, 1, 1}, new int[] {2, 0, 1})).isEqualTo(1);
        assertThat(counts(new Picker.LeastOutstanding(), new int[] {1, 1, 1}, 300))
                .containsExactly(100, 100, 100);
    }

    @Test
    void least_outstanding_weighs_what_is_outstanding() {
        assertThat(new Picker.LeastOutstanding().pick(new int[] {1000, 100}, new int[] {5, 0}))
                .isZero();
        assertThat(new Picker.LeastOutstanding().pick(new int[] {1000, 100}, new int[] {12, 0}))
                .isEqualTo(1);
    }

    @Test
    void bounded_least_spares_the_fast_replicas_once_nobody_can_answer_in_time() {
        Picker picker = new Picker.BoundedLeast(3);

        assertThat(picker.pick(new int[] {1, 1, 1}, new int[] {40, 2, 3})).isEqualTo(1);
        int[] taken = new int[3];
        for (int i = 0; i < 30; i++) {
            taken[picker.pick(new int[] {1, 1, 1}, new int[] {40, 3, 3})]++;
        }
        // Fewest outstanding would have sent none to the first.
        assertThat(taken).containsExactly(10, 10, 10);
    }

    @Test
    void no_picker_takes_a_replica_of_weight_zero_while_another_has_weight() {
        int[] weights = {0, 0, 7, 0};

        assertThat(counts(new Picker.RoundRobin(), weights, 50)).containsExactly(0, 0, 50, 0);
        assertThat(counts(new Picker.LeastOutstanding(), weights, 50)).containsExactly(0, 0, 50, 0);
        assertThat(counts(new Picker.TwoChoices(new SplittableRandom(1)), weights, 50))
                .containsExactly(0, 0, 50, 0);
    }
}
