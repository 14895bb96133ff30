package s3ml.server.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class SteeringTest {
    private final List<Double> shares = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final List<Pending> pending = new ArrayList<>();
    private long now;
    private int connections = 100;

    private final Steering steering = new Steering(
            () -> now,
            (step, delayNanos) -> pending.add(new Pending(step, now + delayNanos)),
            new Steering.Leavers() {
                @Override
                public int ask(double share) {
                    shares.add(share);
                    return (int) (connections * share);
                }

                @Override
                public long asked() {
                    return shares.size();
                }
            },
            (before, weight, asked) -> events.add(before + "->" + weight + ": " + asked));

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
    void a_weight_that_falls_asks_the_share_that_it_lost() {
        steering.tell(500);
        steering.tell(50);

        assertThat(shares).containsExactly(0.9);
        assertThat(events).containsExactly("500->50: 90");
        assertThat(steering.told()).hasValue(50);
    }

    @Test
    void a_server_that_is_parked_asks_all() {
        steering.tell(700);
        steering.tell(0);

        assertThat(shares).containsExactly(1.0);
    }

    @Test
    void the_first_weight_one_that_stays_and_one_that_rises_ask_nobody() {
        steering.tell(50);
        steering.tell(50);
        steering.tell(1000);
        pass(60);

        assertThat(shares).isEmpty();
        assertThat(pending).isEmpty();
    }

    @Test
    void a_fall_after_a_rise_counts_from_the_risen_weight() {
        steering.tell(100);
        steering.tell(400);
        steering.tell(300);

        assertThat(shares).containsExactly(0.25);
    }

    @Test
    void nothing_is_written_down_when_there_was_nobody_to_ask() {
        connections = 0;
        steering.tell(500);
        steering.tell(0);

        assertThat(shares).containsExactly(1.0);
        assertThat(events).isEmpty();
    }

    @Test
    void a_host_that_tells_weights_without_end_asks_all_connections_once_in_five_seconds_at_most() {
        for (int i = 0; i < 30_000; i++) {
            steering.tell(i % 2 == 0 ? 1000 : 100);
            pass(0.001);
        }

        double sum = shares.stream().mapToDouble(Double::doubleValue).sum();
        assertThat(sum).isLessThanOrEqualTo(1 + 30 / 5.0).isGreaterThan(5);
    }

    @Test
    void a_fall_that_comes_too_soon_is_followed_later_and_once() {
        steering.tell(1000);
        steering.tell(0);
        steering.tell(800);
        steering.tell(600);
        steering.tell(400);

        assertThat(shares).containsExactly(1.0);
        assertThat(pending).hasSize(1);
        pass(2.4);
        assertThat(shares).hasSize(1);
        pass(0.2);
        assertThat(shares).hasSize(2);
        assertThat(shares.getLast()).isCloseTo(0.5, within(1e-9));
        assertThat(events.getLast()).startsWith("800->400");
        pass(60);
        assertThat(shares).hasSize(2);
    }

    @Test
    void a_fall_that_waits_is_forgotten_when_the_weight_rises_again() {
        steering.tell(1000);
        steering.tell(0);
        steering.tell(800);
        steering.tell(400);
        steering.tell(900);
        pass(60);

        assertThat(shares).containsExactly(1.0);
    }

    @Test
    void falls_by_half_as_the_policy_lets_them_happen_are_followed_at_once() {
        steering.tell(1000);
        for (int weight : new int[] {500, 250, 125, 62}) {
            steering.tell(weight);
            assertThat(pending).isEmpty();
            pass(4);
        }

        assertThat(shares).hasSize(4);
    }

    @Test
    void a_weight_outside_0_to_1000_is_refused() {
        assertThatThrownBy(() -> steering.tell(1001)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> steering.tell(-1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(steering.told()).isEmpty();
    }
}
