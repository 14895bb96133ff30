package s3ml.server.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SteeringTest {
    private final List<Double> parts = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final List<Pending> pending = new ArrayList<>();
    private long now;
    private int connections = 100;

    private final Steering steering = new Steering(
            () -> now,
            (step, delayNanos) -> pending.add(new Pending(step, now + delayNanos)),
            new Steering.Leavers() {
                @Override
                public int ask(double part) {
                    parts.add(part);
                    return (int) (connections * part);
                }

                @Override
                public long asked() {
                    return parts.size();
                }
            },
            (before, share, asked) -> events.add(before + "->" + share + ": " + asked));

    private record Pending(Runnable step, long at) {}

    /// Lets time pass, and what waits for it happen.
    private void pass(double seconds) {
        long end = now + (long) (seconds * TimeUnit.SECONDS.toNanos(1));
        while (true) {
            List<Pending> due =
                    pending.stream().filter(each -> each.at() <= end).limit(1).toList();
            if (due.isEmpty()) {
                now = end;
                return;
            }
            pending.removeAll(due);
            now = due.getFirst().at();
            due.getFirst().step().run();
        }
    }

    @Test
    void a_share_that_falls_asks_so_many_that_it_is_left_when_those_who_come_back_are_here() {
        steering.tell(500_000);
        steering.tell(200_000);

        assertThat(parts).containsExactly(0.75);
        assertThat(events).containsExactly("500000->200000: 75");
        assertThat(steering.told()).hasValue(200_000);
    }

    @Test
    void when_one_is_added_to_ten_each_of_them_asks_a_tenth() {
        steering.tell(100_000);
        steering.tell(90_909);

        assertThat(parts).singleElement().satisfies(part -> assertThat(part).isCloseTo(0.1, within(1e-4)));
    }

    @Test
    void the_only_server_asks_all_when_another_one_is_added() {
        steering.tell(1_000_000);
        steering.tell(500_000);

        assertThat(parts).containsExactly(1.0);
    }

    @Test
    void no_fall_asks_more_than_all_or_less_than_what_the_share_lost() {
        for (int from = 1; from <= Steering.MOST; from += 997) {
            for (int to = 0; to < from; to += 991) {
                assertThat(Steering.part(from, to)).isBetween((double) (from - to) / from, 1.0);
            }
        }
    }

    @Test
    void a_server_that_is_parked_asks_all() {
        steering.tell(700_000);
        steering.tell(0);

        assertThat(parts).containsExactly(1.0);
    }

    @Test
    void the_first_share_one_that_stays_and_one_that_rises_ask_nobody() {
        steering.tell(50_000);
        steering.tell(50_000);
        steering.tell(1_000_000);
        pass(60);

        assertThat(parts).isEmpty();
        assertThat(pending).isEmpty();
    }

    @Test
    void a_fall_after_a_rise_counts_from_the_risen_share() {
        steering.tell(100_000);
        steering.tell(500_000);
        steering.tell(375_000);

        assertThat(parts).containsExactly(0.4);
    }

    @Test
    void nothing_is_written_down_when_there_was_nobody_to_ask() {
        connections = 0;
        steering.tell(500_000);
        steering.tell(0);

        assertThat(parts).containsExactly(1.0);
        assertThat(events).isEmpty();
    }

    @Test
    void a_host_that_tells_shares_without_end_asks_all_connections_once_in_five_seconds_at_most() {
        for (int i = 0; i < 30_000; i++) {
            steering.tell(i % 2 == 0 ? 1_000_000 : 100_000);
            pass(0.001);
        }

        double sum = parts.stream().mapToDouble(Double::doubleValue).sum();
        assertThat(sum).isLessThanOrEqualTo(1 + 30 / 5.0).isGreaterThan(5);
    }

    @Test
    void a_fall_that_comes_too_soon_is_followed_later_and_once() {
        steering.tell(1_000_000);
        steering.tell(0);
        steering.tell(800_000);
        steering.tell(750_000);
        steering.tell(600_000);

        assertThat(parts).containsExactly(1.0);
        assertThat(pending).hasSize(1);
        pass(3.1);
        assertThat(parts).hasSize(1);
        pass(0.1);
        assertThat(parts).hasSize(2);
        assertThat(parts.getLast()).isCloseTo(0.625, within(1e-9));
        assertThat(events.getLast()).startsWith("800000->600000");
        pass(60);
        assertThat(parts).hasSize(2);
    }

    @Test
    void a_fall_that_waits_is_forgotten_when_the_share_rises_again() {
        steering.tell(1_000_000);
        steering.tell(0);
        steering.tell(800_000);
        steering.tell(400_000);
        steering.tell(900_000);
        pass(60);

        assertThat(parts).containsExactly(1.0);
    }

    @Test
    void falls_by_half_as_the_policy_lets_them_happen_are_followed_at_once() {
        steering.tell(500_000);
        for (int weight : new int[] {500, 250, 125, 62}) {
            steering.tell(Steering.MOST * weight / (weight + 1000));
            assertThat(pending).isEmpty();
            pass(4);
        }

        assertThat(parts).hasSize(4);
    }

    @Test
    void a_share_outside_0_to_a_million_is_refused() {
        assertThatThrownBy(() -> steering.tell(1_000_001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> steering.tell(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(steering.told()).isEmpty();
    }
}
