package s3ml.client.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;
import s3ml.client.InferenceResponse;
import s3ml.client.Tensor;

final class DetectionOutputsTest {
    private static final Tensor BOXES =
            Tensor.ofFloats("o1", List.of(1L, 2L, 4L), new float[] {0.1f, 0.2f, 0.3f, 0.4f, -0.5f, 0, 0.5f, 1.5f});
    private static final Tensor CLASSES = Tensor.ofFloats("o3", List.of(1L, 2L), new float[] {1, 0});
    private static final Tensor SCORES = Tensor.ofFloats("o0", List.of(1L, 2L), new float[] {0.6f, 0.9f});
    private static final Tensor COUNT = Tensor.ofFloats("o2", List.of(1L), new float[] {2});

    @Test
    void outputs_are_recognised_in_any_order_and_sorted_by_score() {
        for (List<Tensor> order : List.of(
                List.of(SCORES, BOXES, COUNT, CLASSES),
                List.of(BOXES, CLASSES, SCORES, COUNT),
                List.of(COUNT, CLASSES, BOXES, SCORES))) {
            List<Detection> found = detections(order, 0.5);

            assertThat(found).extracting(Detection::label).containsExactly("ball", "cube");
            assertThat(found.get(1).box().yMin()).isEqualTo(0.1f, org.assertj.core.data.Offset.offset(1e-6));
        }
    }

    @Test
    void names_decide_when_scores_are_whole_numbers_too() {
        Tensor scores = Tensor.ofFloats("detection_scores", List.of(1L, 2L), new float[] {1, 0});
        Tensor classes = Tensor.ofFloats("detection_classes", List.of(1L, 2L), new float[] {0, 1});

        assertThat(detections(List.of(BOXES, classes, scores), 0.5))
                .extracting(Detection::label)
                .containsExactly("ball");
    }

    @Test
    void weak_detections_are_left_out_and_boxes_end_at_the_picture() {
        List<Detection> found = detections(List.of(SCORES, BOXES, COUNT, CLASSES), 0.7);

        assertThat(found).singleElement().satisfies(detection -> {
            assertThat(detection.box().yMin()).isZero();
            assertThat(detection.box().xMax()).isEqualTo(1);
        });
    }

    @Test
    void a_class_without_a_name_is_numbered() {
        Tensor classes = Tensor.ofFloats("o3", List.of(1L, 2L), new float[] {7, 0});

        assertThat(detections(List.of(SCORES, BOXES, COUNT, classes), 0))
                .extracting(Detection::label)
                .containsExactly("ball", "class 7");
    }

    @Test
    void outputs_of_another_model_are_refused() {
        Tensor fewer = Tensor.ofFloats("o3", List.of(1L, 1L), new float[] {7});

        assertThatThrownBy(() -> detections(List.of(BOXES, SCORES), 0))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("CLI-130");
        assertThatThrownBy(() -> detections(List.of(BOXES, SCORES, fewer), 0))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("CLI-130");
    }

    private static List<Detection> detections(List<Tensor> outputs, double minScore) {
        return DetectionOutputs.of(new InferenceResponse("m", "1", "", outputs, ""))
                .detections(List.of("ball", "cube"), minScore);
    }
}
