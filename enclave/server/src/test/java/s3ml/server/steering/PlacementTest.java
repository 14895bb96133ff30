package s3ml.server.steering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Servers of one model that are told their shares, and a balancer that places each connection which was asked to go at
/// random, by the new weights.
final class PlacementTest {
    private static final long SEED = 11;
    private static final int CONNECTIONS = 100;
    private static final int RUNS = 4000;

    private final Random random = new Random(SEED);
    /// Of the last fleet, on average over the runs.
    private double asked;

    /// What each server has, on average, when weights have changed; all connections together are 1.
    private double[] after(int[] before, int[] weights) {
        double[] mean = new double[weights.length];
        asked = 0;
        for (int run = 0; run < RUNS; run++) {
            int[] here = new int[weights.length];
            for (int i = 0; i < CONNECTIONS; i++) {
                here[place(before)]++;
            }
            int going = 0;
            for (int i = 0; i < here.length; i++) {
                int count = asks(here[i], share(before, i), share(weights, i));
                here[i] -= count;
                going += count;
            }
            for (int i = 0; i < going; i++) {
                here[place(weights)]++;
            }
            asked += (double) going / CONNECTIONS / RUNS;
            for (int i = 0; i < here.length; i++) {
                mean[i] += (double) here[i] / CONNECTIONS / RUNS;
            }
        }
        return mean;
    }

    /// How many of its connections a server asks to go, which is told one share and then another.
    private int asks(int connections, int before, int share) {
        int[] count = {0};
        Steering steering = new Steering(
                () -> 0,
                (step, delayNanos) -> {
                    throw new AssertionError("one fall must not wait");
                },
                new Steering.Leavers() {
                    @Override
                    public int ask(double part) {
                        count[0] = Departures.count(connections, part, random);
                        return count[0];
                    }

                    @Override
                    public long asked() {
                        return count[0];
                    }
                },
                (from, to, gone) -> {});
        steering.tell(before);
        steering.tell(share);
        return count[0];
    }

    private static int share(int[] weights, int index) {
        return (int)
                ((long) Steering.MOST * weights[index] / Arrays.stream(weights).sum());
    }

    private int place(int[] weights) {
        int at = random.nextInt(Arrays.stream(weights).sum());
        int index = 0;
        while (at >= weights[index]) {
            at -= weights[index++];
        }
        return index;
    }

    @Test
    void a_server_whose_share_falls_alone_is_left_with_it() {
        double[] shares = after(new int[] {500, 500}, new int[] {50, 950});

        assertThat(shares[0]).isCloseTo(0.05, within(0.002));
        shares = after(new int[] {1000, 1000, 1000, 500}, new int[] {250, 1000, 1000, 500});
        assertThat(shares[0]).isCloseTo(0.0909, within(0.003));
        assertThat(shares[1]).isCloseTo(0.3636, within(0.01));
        assertThat(shares[3]).isCloseTo(0.1818, within(0.006));
    }

    @Test
    void a_parked_server_is_left_with_nothing_and_when_it_comes_back_it_gets_its_share() {
        double[] shares = after(new int[] {1000, 1000}, new int[] {0, 1000});
        assertThat(shares[0]).isZero();

        shares = after(new int[] {0, 1000}, new int[] {500, 1000});
        assertThat(shares[0]).isCloseTo(0.3333, within(0.01));
    }

    @Test
    void nobody_is_asked_when_all_weights_halve() {
        double[] shares = after(new int[] {1000, 600, 400}, new int[] {500, 300, 200});

        assertThat(asked).isZero();
        assertThat(shares[0]).isCloseTo(0.5, within(0.01));
    }

    @Test
    void one_that_is_added_to_ten_moves_a_tenth_of_the_connections_and_no_more() {
        int[] before = new int[11];
        int[] weights = new int[11];
        Arrays.fill(before, 0, 10, 1000);
        Arrays.fill(weights, 1000);

        double[] shares = after(before, weights);

        assertThat(asked).isCloseTo(0.1, within(0.003));
        // Those that were asked are placed at all eleven. The rest follows as connections age.
        assertThat(shares[10]).isCloseTo(0.1 / 11, within(0.001));
    }

    @Test
    void of_two_whose_shares_fall_at_once_each_is_left_with_a_little_more_and_never_less() {
        double[] shares = after(new int[] {1000, 1000, 1000}, new int[] {250, 250, 1000});

        assertThat(shares[0]).isBetween(0.1667, 0.22);
        assertThat(shares[1]).isBetween(0.1667, 0.22);
    }
}
