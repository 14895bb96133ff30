package s3ml.client.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.protocol.log.LogVerdict;

final class SavedLogTest {
    @TempDir
    Path folder;

    private final FakeLog log = new FakeLog().grow("a", 11);

    private Path saved() {
        Path file = folder.resolve("log");
        SavedLog.Writer writer = SavedLog.write(file, log.known());
        log.entries.forEach(writer::add);
        assertThat(writer.finish().isProven()).isTrue();
        return file;
    }

    private static String verdict(Path file) {
        return SavedLog.verify(file, (index, entry) -> {}).verdict() instanceof LogVerdict.NotProven refused
                ? refused.code()
                : "proven";
    }

    @Test
    void a_saved_log_verifies_and_shows_its_entries_in_order() {
        List<String> actions = new ArrayList<>();

        SavedLog.Checked checked = SavedLog.verify(saved(), (index, entry) -> actions.add(entry.getAction()));

        assertThat(checked.verdict().isProven()).isTrue();
        assertThat(checked.log().instanceId()).isEqualTo(log.instanceId);
        assertThat(actions).hasSize(11).startsWith("a0", "a1").endsWith("a10");
    }

    @Test
    void a_removed_a_swapped_and_an_added_entry_are_noticed() throws IOException {
        Path file = saved();
        List<String> lines = Files.readAllLines(file);

        List<String> removed = new ArrayList<>(lines);
        removed.remove(5);
        Files.write(file, removed);
        assertThat(verdict(file)).isEqualTo("PRO-185");

        List<String> swapped = new ArrayList<>(lines);
        Collections.swap(swapped, 3, 4);
        Files.write(file, swapped);
        assertThat(verdict(file)).isEqualTo("PRO-185");

        List<String> added = new ArrayList<>(lines);
        added.add(lines.get(1));
        Files.write(file, added);
        assertThat(verdict(file)).isEqualTo("PRO-185");
    }

    private String verdictAgainst(FakeLog remembered) {
        HeadMemory memory = HeadMemory.open(folder.resolve("heads-" + remembered.entries.size() + ".json"));
        memory.remember(remembered.known());
        return SavedLog.verify(saved(), memory, (index, entry) -> {}).verdict() instanceof LogVerdict.NotProven refused
                ? refused.code()
                : "proven";
    }

    @Test
    void a_saved_log_must_begin_with_the_remembered_one_unless_it_is_older() {
        assertThat(verdictAgainst(new FakeLog(log.identity).grow("a", 7))).isEqualTo("proven");
        assertThat(verdictAgainst(new FakeLog(log.identity).grow("a", 12))).isEqualTo("proven");
        assertThat(verdictAgainst(new FakeLog(log.identity).grow("b", 6))).isEqualTo("PRO-183");
        assertThat(verdictAgainst(new FakeLog(log.identity).grow("b", 11))).isEqualTo("PRO-183");
    }

    @Test
    void a_saved_log_of_an_AECS_that_was_never_attested_is_not_believed() {
        assertThat(verdictAgainst(new FakeLog().grow("a", 11))).isEqualTo("CLI-173");
        HeadMemory empty = HeadMemory.open(folder.resolve("empty.json"));
        assertThat(SavedLog.verify(saved(), empty, (index, entry) -> {})
                        .verdict()
                        .isProven())
                .isFalse();
    }

    @Test
    void a_changed_head_is_noticed() throws IOException {
        Path file = saved();
        List<String> lines = new ArrayList<>(Files.readAllLines(file));

        lines.set(0, lines.getFirst().replace("\"size\":11", "\"size\":12"));
        Files.write(file, lines);

        assertThat(verdict(file)).isEqualTo("PRO-180");
    }

    @Test
    void files_of_another_kind_are_refused_with_a_reason() throws IOException {
        Path file = folder.resolve("other");
        for (String content : List.of("", "text", "{}", "{\"format\":\"s3ml log 2\",\"log\":{}}")) {
            Files.writeString(file, content);

            assertThatThrownBy(() -> SavedLog.verify(file, (index, entry) -> {}))
                    .isInstanceOf(s3ml.attest.S3mlException.class);
        }
        Path good = saved();
        Files.writeString(good, "???\n", java.nio.file.StandardOpenOption.APPEND);
        assertThatThrownBy(() -> SavedLog.verify(good, (index, entry) -> {})).hasMessageContaining("CLI-175");
    }
}
