package s3ml.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import s3ml.policy.ReplicaReport;

final class RateMeterTest {
    private static final long SECOND = 1_000_000_000L;

    @Test
    void a_steady_counter_gives_its_rate() {
        RateMeter meter = new RateMeter(32, 3 * SECOND, 0.6);
        RateMeter.Rates rates = meter.sample(new PagingCounters(0, 0, 5, 10), 0);
        for (int t = 1; t <= 10; t++) {
            rates = meter.sample(new PagingCounters(1000L * t, 2000L * t, 5, 10), t * SECOND);
        }

        assertThat(rates.loadedPerSecond()).isCloseTo(1000, within(1.0));
        assertThat(rates.evictedPerSecond()).isCloseTo(2000, within(1.0));
    }

    @Test
    void a_burst_is_smoothed_and_dies_away_to_nothing() {
        RateMeter meter = new RateMeter(32, 3 * SECOND, 0.6);
        meter.sample(new PagingCounters(0, 0, 5, 10), 0);
        double peak = meter.sample(new PagingCounters(9000, 0, 5, 10), SECOND).loadedPerSecond();
        double last = peak;
        for (int t = 2; t < 40; t++) {
            last = meter.sample(new PagingCounters(9000, 0, 5, 10), t * SECOND).loadedPerSecond();
        }

        assertThat(peak).isLessThan(9000);
        assertThat(last).isZero();
    }

    @Test
    void a_32_bit_counter_that_wraps_goes_on_counting() {
        CounterTrack track = new CounterTrack(32);
        track.advance((1L << 32) - 100);

        assertThat(track.advance(50)).isEqualTo(150);
    }

    @Test
    void a_counter_that_was_reset_adds_nothing() {
        CounterTrack track = new CounterTrack(32);
        track.advance(1_000_000);

        assertThat(track.advance(40)).isZero();
        assertThat(track.advance(60)).isEqualTo(20);
    }

    @Test
    void a_64_bit_counter_does_not_wrap() {
        CounterTrack track = new CounterTrack(64);
        track.advance((1L << 32) - 100);

        assertThat(track.advance(50)).isZero();
    }

    @Test
    void where_evictions_are_unknown_the_loads_are_repeated() {
        RateMeter meter = new RateMeter(64, 3 * SECOND, 1);
        meter.sample(new PagingCounters(0, PagingCounters.UNKNOWN, 0, 0), 0);

        RateMeter.Rates rates = meter.sample(new PagingCounters(500, PagingCounters.UNKNOWN, 0, 0), SECOND);

        assertThat(rates.evictedPerSecond()).isEqualTo(rates.loadedPerSecond()).isEqualTo(500);
    }

    @Test
    void a_metrics_page_becomes_arrivals_queue_and_p99() {
        ReplicaMeter meter = new ReplicaMeter("r1");
        String labels = "{model=\"detector\",version=\"1\"";
        meter.advance(MetricsPage.parse(page(labels, 100, 0, 90, 100)), SECOND);

        ReplicaReport report = meter.advance(MetricsPage.parse(page(labels, 150, 4, 115, 150)), 3 * SECOND)
                .get(0);

        assertThat(report.replica()).isEqualTo("r1");
        assertThat(report.model()).isEqualTo("detector");
        assertThat(report.arrivalsPerSecond()).isEqualTo(27);
        assertThat(report.outstanding()).isEqualTo(4);
        // Of 50 answers 25 took up to 0.1 s, and 25 between that and 0.2 s.
        assertThat(report.latencyP99()).isCloseTo(Duration.ofMillis(198), Duration.ofMillis(1));
    }

    private static String page(String labels, int success, int pending, int fast, int all) {
        return "# TYPE nv_inference_request_success counter\n"
                + "nv_inference_request_success" + labels + "} " + success + "\n"
                + "nv_inference_pending_request_count" + labels + "} " + pending + "\n"
                + "s3ml_inference_request_duration_seconds_bucket" + labels + ",le=\"0.1\"} " + fast + "\n"
                + "s3ml_inference_request_duration_seconds_bucket" + labels + ",le=\"0.2\"} " + all + "\n"
                + "s3ml_inference_request_duration_seconds_bucket" + labels + ",le=\"+Inf\"} " + all + "\n"
                + "broken{ line\n}{\n";
    }

    @Test
    void p99_of_nothing_is_zero() {
        assertThat(ReplicaMeter.p99(Map.of())).isZero();
        assertThat(ReplicaMeter.p99(Map.of(0.1, 0.0))).isZero();
    }
}
