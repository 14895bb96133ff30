package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ReleaseTest {
    @Test
    void the_version_is_that_of_the_build() throws IOException {
        assertThat(Release.VERSION).matches("\\d+\\.\\d+\\.\\d+.*");
        assertThat(Files.readString(Path.of("../../pom.xml")))
                .contains("<artifactId>s3ml-parent</artifactId>\n  <version>" + Release.VERSION + "</version>");
    }
}
