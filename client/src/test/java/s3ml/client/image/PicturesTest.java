package s3ml.client.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.Color;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PicturesTest {
    @TempDir
    private Path folder;

    @Test
    void colours_are_mapped_to_minus_one_to_one_in_the_order_red_green_blue() {
        BufferedImage picture = new BufferedImage(2, 1, BufferedImage.TYPE_INT_RGB);
        picture.setRGB(0, 0, new Color(255, 0, 51).getRGB());
        picture.setRGB(1, 0, Color.WHITE.getRGB());

        float[] values = Pictures.normalised(picture, 2, 1);

        assertThat(values).containsExactly(1, -1, (51 - 127.5f) / 127.5f, 1, 1, 1);
    }

    @Test
    void a_picture_of_any_size_is_scaled_to_the_models() {
        assertThat(Pictures.normalised(SceneDrawing.draw(), 300, 300)).hasSize(300 * 300 * 3);
        assertThat(Pictures.normalised(new BufferedImage(7, 900, BufferedImage.TYPE_4BYTE_ABGR), 300, 300))
                .hasSize(300 * 300 * 3);
    }

    @Test
    void a_detection_is_drawn_and_the_original_stays() {
        BufferedImage scene = SceneDrawing.draw();
        Path file = folder.resolve("annotated.png");

        Pictures.writePng(
                Pictures.annotated(scene, List.of(new Detection("cube", 0.9, new Detection.Box(0.4, 0.1, 0.7, 0.4)))),
                file);

        BufferedImage annotated = Pictures.read(file);
        assertThat(annotated.getRGB(60, 300)).isNotEqualTo(scene.getRGB(60, 300));
        assertThat(annotated.getRGB(300, 550)).isEqualTo(scene.getRGB(300, 550));
    }

    @Test
    void the_scene_is_the_same_on_every_run() {
        BufferedImage first = SceneDrawing.draw();
        BufferedImage second = SceneDrawing.draw();

        assertThat(first.getRGB(0, 0, SceneDrawing.SIDE, SceneDrawing.SIDE, null, 0, SceneDrawing.SIDE))
                .isEqualTo(second.getRGB(0, 0, SceneDrawing.SIDE, SceneDrawing.SIDE, null, 0, SceneDrawing.SIDE));
    }
}
