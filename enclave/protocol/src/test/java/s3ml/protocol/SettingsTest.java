package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;

final class SettingsTest {
    private static final int MOST = 64;

    private static S3mlException refused(String why, @Nullable Throwable cause) {
        return new S3mlException("TST-001", "refused", why, "correct it", cause);
    }

    private static <T> T parse(String json, Function<Settings, T> reading) {
        return Settings.parse(json, reading, SettingsTest::refused);
    }

    @Test
    void what_is_there_is_read_and_what_is_not_has_its_standard() {
        parse("""
                {"text": "a", "number": 7, "flag": true, "texts": ["b"], "named": {"c": "d"}, "seconds": 5, "none": ""}""", settings -> {
            assertThat(settings.text("text")).contains("a");
            assertThat(settings.number("number", 1, 7, 7)).isEqualTo(7);
            assertThat(settings.number("other", 1, 7, 7)).isEqualTo(1);
            assertThat(settings.flag("flag", false)).isTrue();
            assertThat(settings.flag("other", true)).isTrue();
            assertThat(settings.texts("texts")).containsExactly("b");
            assertThat(settings.namedTexts("named")).containsEntry("c", "d");
            assertThat(settings.seconds("seconds", Duration.ZERO, 0, 9)).isEqualTo(Duration.ofSeconds(5));
            assertThat(settings.path("text")).contains(Path.of("a"));
            assertThat(settings.path("none")).isEmpty();
            return "";
        });
    }

    @Test
    void all_faults_are_told_at_once_with_the_way_to_them() {
        Function<Settings, Integer> reading = settings -> {
            settings.onlyKeys(Set.of("number", "flag", "inner"));
            settings.attempt(json -> json.optionalObject("inner")).ifPresent(inner -> {
                Settings within = settings.within("inner", inner);
                within.onlyKeys(Set.of("number"));
                within.number("number", 0, 0, 9);
            });
            settings.flag("flag", false);
            return settings.number("number", 1, 1, 6);
        };

        assertThatThrownBy(() -> parse("""
                        {"number": 7, "flag": 1, "nmuber": 2, "inner": {"number": 10, "nmuber": 2}}""", reading))
                .isInstanceOf(S3mlException.class)
                .hasMessageContaining("TST-001")
                .message()
                .contains(
                        "unknown key \"nmuber\"",
                        "unknown key \"inner.nmuber\"",
                        "inner.number must be within 0..9",
                        "member \"flag\" must be a boolean",
                        "; number must be within 1..6");
        assertThat(parse("{\"number\": 6, \"flag\": true, \"inner\": {\"number\": 9}}", reading))
                .isEqualTo(6);
    }

    @Test
    void a_file_that_is_no_object_or_too_long_or_not_there_is_refused(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("a.json"), "{\"a\": \"" + "x".repeat(MOST - 9) + "\"}");

        Optional<String> read = Settings.load(file, MOST, settings -> settings.text("a"), SettingsTest::refused);

        assertThat(read).isPresent();
        assertThatThrownBy(() -> Settings.load(file, MOST - 1, settings -> 0, SettingsTest::refused))
                .hasMessageContaining("it is longer than 63 bytes");
        assertThatThrownBy(() -> Settings.load(folder.resolve("b"), MOST, settings -> 0, SettingsTest::refused))
                .hasMessageContaining("cannot be read");
        assertThatThrownBy(() -> parse("[]", settings -> 0)).hasMessageContaining("TST-001");
    }
}
