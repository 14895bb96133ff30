package s3ml.aecs.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.aecs.state.StateFixture.bytes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SqliteRecordStoreTest {
    @TempDir
    private Path folder = Path.of(".");

    @Test
    void a_commit_is_made_only_while_its_guard_holds() {
        try (SqliteRecordStore store = SqliteRecordStore.open(folder.resolve("a.db"))) {
            assertThat(store.commit("head", null, List.of(new RecordStore.Write("head", bytes("1")))))
                    .isTrue();
            assertThat(store.commit("head", null, List.of(new RecordStore.Write("head", bytes("2")))))
                    .isFalse();
            assertThat(store.commit("head", bytes("1"), List.of(new RecordStore.Write("head", bytes("2")))))
                    .isTrue();

            assertThat(store.getAll(List.of("head", "none"))).containsExactly(bytes("2"), null);
        }
    }

    @Test
    void ranges_are_ordered_bounded_and_end_before_their_end() {
        try (SqliteRecordStore store = SqliteRecordStore.open(folder.resolve("a.db"))) {
            store.commit(
                    "x",
                    null,
                    List.of(
                            new RecordStore.Write("b/2", bytes("2")),
                            new RecordStore.Write("b/1", bytes("1")),
                            new RecordStore.Write("c", bytes("3"))));

            assertThat(store.range("b/", Keys.end("b/"), 10).keySet()).containsExactly("b/1", "b/2");
            assertThat(store.range("b/", "z", 2).keySet()).containsExactly("b/1", "b/2");
        }
    }

    @Test
    void what_was_committed_is_there_when_the_file_is_opened_again() {
        Path file = folder.resolve("a.db");
        try (SqliteRecordStore store = SqliteRecordStore.open(file)) {
            store.commit("head", null, List.of(new RecordStore.Write("head", bytes("1"))));
        }

        try (SqliteRecordStore store = SqliteRecordStore.open(file)) {
            assertThat(store.getAll(List.of("head"))).containsExactly(bytes("1"));
        }
    }

    @Test
    void a_replica_that_starts_while_another_one_commits_between_its_reads_accuses_nobody() {
        Path file = folder.resolve("a.db");
        StateFixture fixture = new StateFixture();
        try (SqliteRecordStore theirs = SqliteRecordStore.open(file);
                SqliteRecordStore mine = SqliteRecordStore.open(file);
                SealedState other = SealedState.create(
                        theirs,
                        fixture.root,
                        new SecureRandom(),
                        StateFixture.CLOCK,
                        change -> change.put("service/0", bytes("0")))) {
            AtomicInteger written = new AtomicInteger();
            RecordStore overtaken =
                    new Overtaken(mine, () -> StateFixture.put(other, "service/" + written.incrementAndGet(), "1"));

            try (SealedState state =
                    SealedState.open(overtaken, fixture.root, new SecureRandom(), StateFixture.CLOCK, null)) {
                state.refresh();
                assertThat(StateFixture.get(state, "service/1")).isEqualTo("1");
            }
            assertThat(written.get()).isGreaterThan(4);
        }
    }

    /// A store behind each of whose answers somebody else commits.
    private record Overtaken(RecordStore store, Runnable intruder) implements RecordStore {
        @Override
        public List<byte @Nullable []> getAll(List<String> keys) {
            List<byte @Nullable []> values = store.getAll(keys);
            intruder.run();
            return values;
        }

        @Override
        public SortedMap<String, byte[]> range(String from, String to, int limit) {
            SortedMap<String, byte[]> found = store.range(from, to, limit);
            intruder.run();
            return found;
        }

        @Override
        public <T> T atOneMoment(Function<RecordReader, T> reading) {
            return store.atOneMoment(moment -> reading.apply(new RecordReader() {
                @Override
                public List<byte @Nullable []> getAll(List<String> keys) {
                    List<byte @Nullable []> values = moment.getAll(keys);
                    intruder.run();
                    return values;
                }

                @Override
                public SortedMap<String, byte[]> range(String from, String to, int limit) {
                    SortedMap<String, byte[]> found = moment.range(from, to, limit);
                    intruder.run();
                    return found;
                }
            }));
        }

        @Override
        public boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
            return store.commit(guard, expected, writes);
        }

        @Override
        public String kind() {
            return store.kind();
        }

        @Override
        public void close() {}
    }

    @Test
    void a_file_that_is_no_database_is_refused_with_its_name() throws Exception {
        Path file = folder.resolve("a.db");
        Files.write(file, new byte[4_096]);
        Files.writeString(file, "this is no database, but a text that is long enough to be taken for one. ".repeat(20));

        assertThatThrownBy(() -> SqliteRecordStore.open(file))
                .hasMessageContaining("AECS-301")
                .hasMessageContaining("a.db");
    }
}
