package s3ml.client.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class ProbeTallyTest {
    private static final long MILLI = 1_000_000;

    private final ProbeTally tally = new ProbeTally();

    @Test
    void the_longest_gap_is_between_two_answers_or_behind_the_last_one() {
        tally.answered(0, 10 * MILLI);
        tally.answered(0, 50 * MILLI);
        tally.answered(0, 60 * MILLI);

        assertThat(tally.result(70 * MILLI).longestGap()).isEqualTo(Duration.ofMillis(40));
        assertThat(tally.result(160 * MILLI).longestGap()).isEqualTo(Duration.ofMillis(100));
    }

    @Test
    void an_answer_that_overtook_another_one_makes_no_gap() {
        tally.answered(0, 50 * MILLI);
        tally.answered(0, 20 * MILLI);
        tally.answered(0, 55 * MILLI);

        assertThat(tally.result(55 * MILLI).longestGap()).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void failed_calls_are_counted_and_the_first_one_is_told() {
        tally.failed("first");
        tally.failed("second");
        tally.answered(0, MILLI);

        ProbeTally.Result result = tally.result(MILLI);

        assertThat(result.calls()).isEqualTo(3);
        assertThat(result.failed()).isEqualTo(2);
        assertThat(result.firstFailure()).contains("first");
    }

    @Test
    void percentiles_are_of_the_answered_calls() {
        for (long i = 1; i <= 2000; i++) {
            tally.answered(0, i * MILLI);
        }

        ProbeTally.Result result = tally.result(2000 * MILLI);

        assertThat(result.p50()).isEqualTo(Duration.ofSeconds(1));
        assertThat(result.p99()).isEqualTo(Duration.ofMillis(1980));
    }

    @Test
    void without_an_answer_there_is_no_latency_and_no_gap() {
        ProbeTally.Result result = tally.result(5);

        assertThat(result.calls()).isZero();
        assertThat(result.p99()).isZero();
        assertThat(result.longestGap()).isZero();
    }
}
