package s3ml.lab.faults;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// An AECS and a witness as processes, over SQLite files that are really put back.
final class RolledBackIT {
    @Test
    void storage_that_was_put_back_as_a_whole_while_no_AECS_ran_is_refused_because_a_witness_remembers() {
        assertCase(RolledBack.Way.BEHIND);
    }

    @Test
    void storage_that_was_put_back_and_grew_where_no_witness_saw_it_is_refused_as_forked() {
        assertCase(RolledBack.Way.FORKED);
    }

    @Test
    void without_its_witness_an_AECS_does_not_start_unless_the_configuration_says_so() {
        assertCase(RolledBack.Way.UNWITNESSED);
    }

    private static void assertCase(RolledBack.Way way) {
        FaultCase judged = RolledBack.run(way);

        assertThat(judged.ok()).as(judged.outcome()).isTrue();
        assertThat(judged.operations()).isPositive();
    }
}
