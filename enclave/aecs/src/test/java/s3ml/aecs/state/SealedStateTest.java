package s3ml.aecs.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.aecs.state.StateFixture.bytes;
import static s3ml.aecs.state.StateFixture.get;
import static s3ml.aecs.state.StateFixture.put;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.ProofPlan;

final class SealedStateTest {
    private final StateFixture fixture = new StateFixture();

    @Test
    void what_was_written_is_read_back_after_a_restart() {
        try (SealedState state = fixture.create()) {
            put(state, "service/a", "one");
            put(state, "service/a", "two");
            put(state, "service/b", "three");
            state.transact(change -> {
                change.delete("service/b");
                return true;
            });
        }

        try (SealedState state = fixture.open()) {
            assertThat(get(state, "service/a")).isEqualTo("two");
            assertThat(get(state, "service/b")).isEqualTo("(none)");
            int count = state.read(view -> view.count("service/"));
            assertThat(count).isEqualTo(1);
        }
    }

    @Test
    void nothing_that_was_written_stands_readable_in_the_store() {
        try (SealedState state = fixture.create()) {
            put(state, "service/a", "a very secret text");

            assertThat(fixture.store.entries.values())
                    .noneMatch(value ->
                            new String(value, java.nio.charset.StandardCharsets.ISO_8859_1).contains("very secret"));
        }
    }

    @Test
    void a_transaction_that_throws_changes_nothing() {
        try (SealedState state = fixture.create()) {
            assertThatThrownBy(() -> state.transact(change -> {
                        change.put("service/a", bytes("one"));
                        throw new IllegalArgumentException("no");
                    }))
                    .isInstanceOf(IllegalArgumentException.class);

            assertThat(get(state, "service/a")).isEqualTo("(none)");
        }
    }

    @Test
    void a_transaction_sees_its_own_changes_and_lists_them() {
        try (SealedState state = fixture.create()) {
            put(state, "service/a", "one");

            List<String> names = state.transact(change -> {
                        change.put("service/b", bytes("two"));
                        change.delete("service/a");
                        return new ArrayList<>(change.list("service/").keySet());
                    })
                    .value();

            assertThat(names).containsExactly("service/b");
        }
    }

    @Test
    void a_thousand_commits_leave_a_checkpoint_and_the_state_opens_from_it() {
        try (SealedState state = fixture.create()) {
            for (int i = 0; i < 1_100; i++) {
                put(state, "service/" + i % 7, "value " + i);
            }
            assertThat(state.head().getCheckpointSequence()).isPositive();
        }

        try (SealedState state = fixture.open()) {
            assertThat(get(state, "service/0")).isEqualTo("value 1099");
            put(state, "service/0", "on");
            assertThat(get(state, "service/0")).isEqualTo("on");
        }
    }

    @Test
    void two_replicas_over_one_store_see_each_others_changes_and_lose_none() throws Exception {
        try (SealedState one = fixture.create();
                SealedState two = fixture.open();
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<?>> tasks = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                SealedState state = i % 2 == 0 ? one : two;
                tasks.add(threads.submit(() -> state.transact(change -> {
                    int count = change.get("count")
                            .map(record -> Integer.parseInt(record.content().toStringUtf8()))
                            .orElse(0);
                    return change.put("count", bytes(String.valueOf(count + 1)));
                })));
            }
            for (Future<?> task : tasks) {
                task.get();
            }
            one.refresh();
            two.refresh();

            assertThat(get(one, "count")).isEqualTo("100");
            assertThat(get(two, "count")).isEqualTo("100");
        }
    }

    @Test
    void a_refusal_never_rests_on_a_state_that_another_replica_has_changed() {
        try (SealedState one = fixture.create();
                SealedState two = fixture.open()) {
            put(one, "service/a", "there");

            Boolean there = two.transact(change -> {
                        if (change.get("service/a").isEmpty()) {
                            throw new IllegalStateException("not there");
                        }
                        return true;
                    })
                    .value();

            assertThat(there).isTrue();
        }
    }

    @Test
    void a_commit_whose_answer_was_lost_counts_as_made() {
        try (SealedState state = fixture.create()) {
            fixture.store.failAfter = Faults.storage("memory", "committing", null);

            put(state, "service/a", "one");

            assertThat(get(state, "service/a")).isEqualTo("one");
        }
        try (SealedState state = fixture.open()) {
            assertThat(get(state, "service/a")).isEqualTo("one");
        }
    }

    @Test
    void a_commit_that_the_storage_refused_is_reported_and_can_be_repeated() {
        try (SealedState state = fixture.create()) {
            fixture.store.failBefore = Faults.storage("memory", "committing", null);

            assertThatThrownBy(() -> put(state, "service/a", "one"))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageContaining("AECS-301");
            assertThat(get(state, "service/a")).isEqualTo("(none)");

            put(state, "service/a", "two");
            assertThat(get(state, "service/a")).isEqualTo("two");
        }
    }

    @Test
    void every_entry_of_the_log_is_proved_under_the_head_that_contains_it() {
        try (SealedState state = fixture.create()) {
            for (int i = 0; i < 50; i++) {
                byte[] entry = bytes("entry " + i);
                var committed = state.transact(change -> change.log(entry));
                long index = committed.value();
                LogTree tree = LogTree.of(committed.head());

                var path = state.proveLog(ProofPlan.inclusion(index, tree.size()));

                assertThat(index).isEqualTo(i);
                assertThat(Merkle.includes(Merkle.leaf(entry), index, tree.size(), path, tree.root()))
                        .isTrue();
            }
        }
        try (SealedState state = fixture.open()) {
            assertThat(state.logEntries(48, 10)).hasSize(2);
            LogTree tree = state.logTree();
            var path = state.proveLog(ProofPlan.inclusion(7, tree.size()));
            assertThat(Merkle.includes(Merkle.leaf(bytes("entry 7")), 7, tree.size(), path, tree.root()))
                    .isTrue();
        }
    }

    @Test
    void a_new_state_is_not_made_over_existing_records() {
        try (SealedState state = fixture.create()) {
            assertThat(state.head().getSequence()).isEqualTo(1);

            assertThatThrownBy(fixture::create).hasMessageContaining("AECS-304");
        }
    }
}
