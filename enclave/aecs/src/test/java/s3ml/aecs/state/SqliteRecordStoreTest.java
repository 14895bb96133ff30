package s3ml.aecs.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.aecs.state.StateFixture.bytes;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    void a_file_that_is_no_database_is_refused_with_its_name() throws Exception {
        Path file = folder.resolve("a.db");
        Files.write(file, new byte[4_096]);
        Files.writeString(file, "this is no database, but a text that is long enough to be taken for one. ".repeat(20));

        assertThatThrownBy(() -> SqliteRecordStore.open(file))
                .hasMessageContaining("AECS-301")
                .hasMessageContaining("a.db");
    }
}
