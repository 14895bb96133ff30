package s3ml.lab.aecs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.aecs.state.RootSecret;

final class AecsFaultsTest {
    private static final int SEEDS = 200;

    private final RootSecret root = RootSecret.create(new SecureRandom());

    @Test
    void random_histories_of_replicas_over_a_failing_store_agree_with_the_model() {
        long first = Long.getLong("seed", 1);
        long acknowledged = 0;
        for (long seed = first; seed < first + SEEDS; seed++) {
            acknowledged += History.run(seed, root).acknowledged();
        }

        assertThat(acknowledged).isGreaterThan(SEEDS);
    }

    @Test
    void every_lie_of_a_store_is_noticed_with_its_code() {
        for (Lies.Lie lie : Lies.all()) {
            assertThat(Lies.atStart(lie, root).code()).as(lie.name()).isEqualTo(lie.expected());
        }
        assertThat(Lies.rollbackUnderReplica(root).code()).isEqualTo("AECS-305");
        assertThat(Lies.rollbackAgainstKnownHead(root).code()).isEqualTo("AECS-305");
        assertThat(Lies.fork(root).code()).isEqualTo("AECS-305");
    }

    @Test
    void no_reported_write_is_lost_when_the_process_is_killed(@TempDir Path folder) {
        FaultsCommand.Case killed = KilledProcess.run(folder);

        assertThat(killed.acknowledgedLost()).isZero();
        assertThat(killed.ok()).isTrue();
    }
}
