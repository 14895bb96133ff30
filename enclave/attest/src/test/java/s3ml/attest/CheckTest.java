package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class CheckTest {
    @Test
    void every_check_is_in_the_README_with_its_meaning_and_why_it_is_stricter() throws IOException {
        String readme = Files.readString(Path.of("README.md"));

        for (Check check : Check.values()) {
            assertThat(readme).contains("| `" + check.code() + "` | " + check.meaning() + " |");
            check.stricterThanIntel()
                    .ifPresent(reason -> assertThat(readme).contains("| `" + check.code() + "` | " + reason + " |"));
        }
    }
}
