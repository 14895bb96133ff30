package s3ml.aecs.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.aecs.state.StateFixture.get;
import static s3ml.aecs.state.StateFixture.put;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import java.util.SortedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BackupFileTest {
    @TempDir
    private Path folder = Path.of(".");

    private final StateFixture fixture = new StateFixture();

    private byte[] backup() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        out.write(BackupFile.MAGIC);
        try (SealedState state = fixture.create()) {
            for (int i = 0; i < 700; i++) {
                put(state, "service/" + i, "value " + i);
            }
            state.export(page -> write(out, page));
        }
        out.writeInt(0);
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, SortedMap<String, byte[]> page) {
        page.forEach((key, value) -> {
            try {
                byte[] name = key.getBytes(StandardCharsets.UTF_8);
                out.writeInt(name.length);
                out.write(name);
                out.writeInt(value.length);
                out.write(value);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("backup"), content);
    }

    @Test
    void a_restored_state_opens_and_is_the_one_that_was_backed_up() throws IOException {
        Path file = file(backup());
        fixture.store.entries.clear();

        BackupFile.restore(file, fixture.store);

        try (SealedState state = fixture.open()) {
            assertThat(get(state, "service/699")).isEqualTo("value 699");
        }
    }

    @Test
    void nothing_is_restored_over_existing_records() throws IOException {
        Path file = file(backup());

        assertThatThrownBy(() -> BackupFile.restore(file, fixture.store)).hasMessageContaining("AECS-311");
    }

    @Test
    void a_truncated_backup_is_refused_and_leaves_no_state() throws IOException {
        byte[] whole = backup();
        Path file = file(Arrays.copyOf(whole, whole.length - 9));
        fixture.store.entries.clear();

        assertThatThrownBy(() -> BackupFile.restore(file, fixture.store)).hasMessageContaining("AECS-310");
        assertThat(fixture.store.entries).doesNotContainKey(Keys.HEAD);
    }

    @Test
    void a_file_that_is_no_backup_is_refused() throws IOException {
        Path file = file("something else".getBytes(StandardCharsets.UTF_8));

        assertThatThrownBy(() -> BackupFile.restore(file, new MemoryRecordStore()))
                .hasMessageContaining("AECS-310");
    }

    @Test
    void an_altered_backup_is_noticed_when_it_is_opened() throws IOException {
        byte[] whole = backup();
        fixture.store.entries.clear();
        BackupFile.restore(file(whole), fixture.store);
        Objects.requireNonNull(fixture.store.entries.get("record/service/7"))[30] ^= 1;

        assertThatThrownBy(fixture::open).hasMessageContaining("AECS-302").hasMessageContaining("service/7");
    }
}
