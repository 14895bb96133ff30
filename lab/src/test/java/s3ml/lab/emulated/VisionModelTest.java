package s3ml.lab.emulated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;

final class VisionModelTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void a_model_within_a_joined_file_is_what_the_list_beside_it_says() throws IOException {
        Path joined = Files.writeString(folder.resolve("assets.data"), "labelsMODELrest");
        Files.writeString(
                folder.resolve("assets_loader.js"),
                "load({\"files\": [{\"filename\": \"/labels.txt\", \"start\": 0, \"end\": 6},"
                        + " {\"filename\": \"/a/ssd_mobilenetv2_fp16.tflite\", \"start\": 6, \"end\": 11}]})");

        assertThat(VisionModel.unpacked(joined, "ssd_mobilenetv2", folder)).hasContent("MODEL");

        Files.writeString(folder.resolve("assets_loader.js"), "load({\"files\": []})");
        assertThatThrownBy(() -> VisionModel.unpacked(joined, "ssd_mobilenetv2", folder))
                .isInstanceOf(S3mlException.class)
                .hasMessageContaining("LAB-126");
    }

    @Test
    void models_are_chosen_by_name() {
        assertThat(VisionModel.of("all")).containsExactly(VisionModel.values());
        assertThat(VisionModel.of("pose,face")).containsExactly(VisionModel.POSE, VisionModel.FACE);
        assertThatThrownBy(() -> VisionModel.of("cat")).isInstanceOf(IllegalArgumentException.class);
    }
}
