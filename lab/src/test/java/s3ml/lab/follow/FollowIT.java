package s3ml.lab.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import s3ml.lab.emulated.EnvoyProcess;
import s3ml.lab.serve.ServingRig;

/// Two attested servers behind a real Envoy, whose weights change.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class FollowIT {
    private static final Path HOME = Path.of("..").toAbsolutePath().normalize();

    @Test
    void load_of_sealed_bodies_follows_the_weights_by_request_and_no_call_fails() throws Exception {
        FollowRun.Outcome outcome = run(Way.SEALED, 3);

        assertThat(outcome.shareBefore()).isBetween(0.4, 0.6);
        assertThat(outcome.shareAfter()).isLessThan(0.2);
        assertThat(outcome.follows()).isPresent();
        assertThat(outcome.failure()).isEmpty();
        assertThat(outcome.failed()).isZero();
    }

    @Test
    void all_load_leaves_a_server_that_is_told_that_it_is_parked_and_no_call_fails() throws Exception {
        FollowRun.Outcome outcome = run(Way.PARKED_TOLD, 12);

        assertThat(outcome.shareAfter()).isZero();
        assertThat(outcome.follows()).isPresent();
        assertThat(outcome.failure()).isEmpty();
        assertThat(outcome.failed()).isZero();
    }

    @Test
    void a_server_that_is_told_that_another_one_was_added_gives_it_its_part_of_the_load_and_no_call_fails()
            throws Exception {
        FollowRun.Outcome outcome = run(Way.ADDED_TOLD, 12);

        assertThat(outcome.shareBefore()).isEqualTo(1);
        // Of eight connections, which are asked to go one after the other; four each are not certain.
        assertThat(outcome.shareAfter()).isBetween(0.1, 0.9);
        assertThat(outcome.failure()).isEmpty();
        assertThat(outcome.failed()).isZero();
    }

    private static FollowRun.Outcome run(Way way, int seconds) throws Exception {
        Path envoy = EnvoyProcess.program(Path.of(System.getProperty("s3ml.components")))
                .orElseThrow();
        try (ServingRig rig = ServingRig.start(HOME)) {
            return new FollowRun(rig, envoy, seconds).run(way);
        }
    }
}
