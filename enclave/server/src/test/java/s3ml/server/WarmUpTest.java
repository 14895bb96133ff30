package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.WarmUp;
import s3ml.server.repository.ModelSettings;
import s3ml.server.repository.ModelState;
import s3ml.server.repository.VersionPolicy;
import s3ml.server.tflite.Models;

/// First runs on inputs that were recorded from real requests.
final class WarmUpTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // by JUnit
    private Path folder;

    @SuppressWarnings("NullAway.Init") // each test makes its own
    private TestServer server;

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private ModelState loaded(byte type, String input, byte[] recorded) throws Exception {
        Path file = Files.write(folder.resolve("x.raw"), recorded);
        ModelSettings settings = new ModelSettings(
                new VersionPolicy.Latest(1),
                ModelSpec.Batching.OFF,
                new WarmUp.Plan(3, Map.of(input, file)),
                Map.of(),
                Map.of());
        server = new TestServer(Map.of("m", settings)).with("m", Models.identity(type, 2));
        return server.repository().versions("m").firstEntry().getValue();
    }

    @Test
    void a_model_is_ready_after_runs_on_recorded_contents() throws Exception {
        assertThat(loaded(TensorType.FLOAT32, "x", new byte[8])).isInstanceOf(ModelState.Ready.class);
    }

    @Test
    void recorded_strings_stand_behind_their_lengths() throws Exception {
        assertThat(loaded(TensorType.STRING, "x", new byte[] {1, 0, 0, 0, 'a', 1, 0, 0, 0, 'b'}))
                .isInstanceOf(ModelState.Ready.class);
    }

    @Test
    void contents_that_do_not_fill_the_shape_keep_the_model_from_being_loaded() throws Exception {
        assertThat(loaded(TensorType.FLOAT32, "x", new byte[7])).isEqualTo(new ModelState.Unavailable("SRV-106"));
    }

    @Test
    void contents_longer_than_the_shape_keep_the_model_from_being_loaded() throws Exception {
        assertThat(loaded(TensorType.FLOAT32, "x", new byte[9])).isEqualTo(new ModelState.Unavailable("SRV-106"));
    }

    @Test
    void strings_whose_length_points_past_the_end_keep_the_model_from_being_loaded() throws Exception {
        assertThat(loaded(TensorType.STRING, "x", new byte[] {9, 0, 0, 0, 'a'}))
                .isEqualTo(new ModelState.Unavailable("SRV-106"));
    }

    @Test
    void an_input_that_the_model_does_not_have_keeps_it_from_being_loaded() throws Exception {
        assertThat(loaded(TensorType.FLOAT32, "y", new byte[8])).isEqualTo(new ModelState.Unavailable("SRV-106"));
    }
}
