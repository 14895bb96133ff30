package s3ml.operator;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ResourceDefinitionsTest {

    @ParameterizedTest
    @ValueSource(strings = {"securemodels", "configurationservices"})
    void the_chart_holds_the_definitions_that_the_records_give(String kind) throws IOException {
        String file = kind + ".s3ml.internal-v1.yml";
        Path generated = Path.of("target/classes/META-INF/fabric8", file);
        Path chart = Path.of("../../deploy/chart/files/crds", file);

        assertThat(Files.readString(chart))
                .as("cp fleet/operator/target/classes/META-INF/fabric8/*.yml deploy/chart/files/crds/")
                .isEqualTo(Files.readString(generated));
    }
}
