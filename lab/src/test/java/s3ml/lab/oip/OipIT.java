package s3ml.lab.oip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/// The conformance table in the documents is what comes out of trying it, by the clients that `deploy/test/components`
/// fetches.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class OipIT {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @Test
    void each_operation_answers_each_client_as_the_document_says() throws Exception {
        Path document = ROOT.resolve("docs/serving.md");

        Conformance conformance = OipCommand.run(ROOT, Path.of(System.getProperty("s3ml.components")));

        assertThat(conformance.broken()).isEmpty();
        assertThat(conformance.rows()).hasSizeGreaterThan(150);
        assertThat(Files.readString(document))
                .as("stale: ./s3ml lab oip --write docs/serving.md")
                .isEqualTo(conformance.writtenInto(Files.readString(document)));
    }
}
