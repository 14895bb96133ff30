package s3ml.server.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class DeparturesTest {
    private static final long SEED = 7;

    private final Random random = new Random(SEED);

    @Test
    void a_share_that_is_no_whole_number_of_connections_is_met_on_average() {
        int runs = 10_000;
        long sum = 0;
        for (int i = 0; i < runs; i++) {
            int count = Departures.count(4, 0.9, random);
            assertThat(count).isBetween(3, 4);
            sum += count;
        }

        assertThat((double) sum / runs).isCloseTo(3.6, within(0.05));
    }

    @Test
    void all_and_none_are_met_always() {
        for (int i = 0; i < 100; i++) {
            assertThat(Departures.count(7, 1, random)).isEqualTo(7);
            assertThat(Departures.count(7, 0, random)).isZero();
            assertThat(Departures.count(0, 0.5, random)).isZero();
        }
    }

    @Test
    void those_that_go_are_spread_over_a_second_each_at_random_in_its_part() {
        long part = TimeUnit.MILLISECONDS.toNanos(100);
        for (int i = 0; i < 10; i++) {
            assertThat(Departures.delayNanos(i, 10, random)).isBetween(i * part, (i + 1) * part);
        }
        assertThat(Departures.delayNanos(3, 10, random)).isNotEqualTo(Departures.delayNanos(3, 10, random));
    }
}
