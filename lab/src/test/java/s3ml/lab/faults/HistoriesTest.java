package s3ml.lab.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.security.SecureRandom;
import org.junit.jupiter.api.Test;
import s3ml.aecs.state.RootSecret;

final class HistoriesTest {
    @Test
    void five_hundred_random_histories_are_linearizable_and_lose_nothing() {
        Histories.Outcome outcome = Histories.run(1, 500, Histories.Disk.MEMORY);

        assertThat(outcome.violations()).isEmpty();
        assertThat(outcome.operations()).isGreaterThan(5_000);
        assertThat(outcome.faults()).isGreaterThan(2_000);
    }

    @Test
    void a_store_that_drops_what_it_acknowledged_or_makes_what_it_denied_is_noticed_by_the_model() {
        try (RootSecret root = RootSecret.create(new SecureRandom())) {
            assertThat(HistoryRun.run(1, root, new BrokenStore(true)).violations())
                    .isNotEmpty();
            assertThat(HistoryRun.run(1, root, new BrokenStore(false)).violations())
                    .anyMatch(violation -> violation.contains("stands twice"));
        }
    }

    @Test
    void random_histories_over_sqlite_files_are_linearizable_too() {
        Histories.Outcome outcome = Histories.run(100_000, 10, Histories.Disk.SQLITE);

        assertThat(outcome.violations()).isEmpty();
    }
}
