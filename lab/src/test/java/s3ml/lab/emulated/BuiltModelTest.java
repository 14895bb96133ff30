package s3ml.lab.emulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.sim.epc.ModelWalk;

final class BuiltModelTest {
    private static final BuiltModel MODEL = new BuiltModel("small", 256, 4);

    @TempDir
    private Path folder = Path.of("");

    @Test
    void the_walk_of_a_model_holds_each_weight_once_beside_the_runtime() throws IOException {
        Path file = MODEL.write(folder.resolve("small.tflite"));

        ModelWalk walk = ModelWalk.of(file, 500);

        // Four layers of 256 KiB, 64 pages each, and a page of activations.
        assertThat(walk.pages()).isBetween(500 + 4 * 64, 500 + 4 * 64 + 2);
        assertThat(walk.ranges()).allMatch(pages -> pages >= 1 && pages <= 256);
    }

    @Test
    void the_same_model_is_the_same_bytes() {
        assertThat(MODEL.bytes()).isEqualTo(new BuiltModel("small", 256, 4).bytes());
        assertThat(MODEL.bytes()).isNotEqualTo(new BuiltModel("other", 256, 4).bytes());
    }

    @Test
    void what_is_no_model_is_refused() throws IOException {
        Path file = Files.write(folder.resolve("no.tflite"), new byte[] {1, 2, 3, 4, 5, 6, 7, 8});

        assertThatThrownBy(() -> ModelWalk.of(file, 0))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("SIM-155");
    }

    @Test
    void a_model_larger_than_an_emulated_enclave_is_refused() throws IOException {
        Path file = MODEL.write(folder.resolve("small.tflite"));

        assertThatThrownBy(() -> ModelWalk.of(file, 32_768))
                .isInstanceOf(S3mlException.class)
                .hasMessageContaining("pages");
    }
}
