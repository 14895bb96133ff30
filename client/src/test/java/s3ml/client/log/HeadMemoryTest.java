package s3ml.client.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HeadMemoryTest {
    @TempDir
    Path folder;

    private final FakeLog log = new FakeLog().grow("a", 4);

    @Test
    void heads_are_remembered_over_restarts_and_never_become_shorter() {
        Path file = folder.resolve("sub/heads.json");
        KnownLog shorter = log.known();
        KnownLog longer = log.grow("a", 3).known();
        HeadMemory.open(file).remember(longer);

        HeadMemory again = HeadMemory.open(file);
        again.remember(shorter);

        assertThat(HeadMemory.open(file).known(log.instanceId)).contains(longer);
        assertThat(again.all()).containsExactly(longer);
    }

    @Test
    void a_damaged_file_is_refused_and_not_taken_for_an_empty_one() throws IOException {
        Path file = folder.resolve("heads.json");
        HeadMemory.open(file).remember(log.known());
        String text = Files.readString(file);

        for (String damaged :
                new String[] {"", "{", text.replace("heads 1", "heads 2"), text.replace("size", "sise")}) {
            Files.writeString(file, damaged);

            assertThatThrownBy(() -> HeadMemory.open(file)).isInstanceOf(s3ml.attest.S3mlException.class);
        }
    }
}
