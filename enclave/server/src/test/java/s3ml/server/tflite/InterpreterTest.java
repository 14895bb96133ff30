package s3ml.server.tflite;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorSpec;

final class InterpreterTest {
    @Test
    void a_model_runs_on_its_own_tensors_under_its_signature_names() {
        try (Interpreter interpreter = open(Models.doubling(TensorType.FLOAT32, 1, 4))) {
            interpreter.input(0).setAtIndex(JAVA_FLOAT, 3, 1.5f);

            interpreter.invoke();

            assertThat(interpreter.inputs()).containsExactly(new TensorSpec("x", DataType.FP32, Shape.of(1, 4)));
            assertThat(interpreter.outputs()).containsExactly(new TensorSpec("sum", DataType.FP32, Shape.of(1, 4)));
            assertThat(interpreter.signature()).isEqualTo("serving_default");
            assertThat(interpreter.output(0).getAtIndex(JAVA_FLOAT, 3)).isEqualTo(3f);
        }
    }

    @Test
    void a_free_dimension_is_declared_as_minus_one_and_follows_a_resize() {
        try (Interpreter interpreter = open(Models.doubling(TensorType.FLOAT32, -1, 4))) {
            interpreter.resize(0, Shape.of(3, 4));
            interpreter.allocate();
            interpreter.input(0).setAtIndex(JAVA_FLOAT, 11, 2f);

            interpreter.invoke();

            assertThat(interpreter.inputs().getFirst().shape()).isEqualTo(Shape.of(-1, 4));
            assertThat(interpreter.outputShape(0)).isEqualTo(Shape.of(3, 4));
            assertThat(interpreter.output(0).getAtIndex(JAVA_FLOAT, 11)).isEqualTo(4f);
        }
    }

    @Test
    void the_detector_has_its_four_outputs() {
        try (Interpreter interpreter = open(Models.detector())) {
            interpreter.invoke();

            assertThat(interpreter.inputs().getFirst().shape()).isEqualTo(Shape.of(1, 300, 300, 3));
            assertThat(interpreter.outputs().stream().map(TensorSpec::shape).toList())
                    .contains(Shape.of(1, 10, 4), Shape.of(1, 10));
            assertThat(List.of(0, 1, 2, 3))
                    .allMatch(i -> interpreter.outputShape(i).elements() > 0);
        }
    }

    @Test
    void bytes_that_are_no_flatbuffer_are_refused() {
        byte[] noise = new byte[4096];

        assertThatThrownBy(() -> open(noise))
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("SRV-102"))
                .hasMessageContaining("TFL3");
    }

    @Test
    void every_truncation_of_a_model_is_refused_without_a_crash() {
        byte[] model = Models.doubling(TensorType.FLOAT32, 1, 4);

        for (int length = 1; length < model.length; length += 7) {
            byte[] cut = Arrays.copyOf(model, length);
            assertThatThrownBy(() -> open(cut)).isInstanceOf(S3mlException.class);
        }
    }

    @Test
    void a_shape_that_the_operators_refuse_is_an_error_and_the_model_goes_on() {
        try (Interpreter interpreter = open(Models.identity(TensorType.FLOAT32, 1, 4))) {
            interpreter.resize(0, Shape.of(1, 5));
            assertThatThrownBy(interpreter::allocate)
                    .isInstanceOfSatisfying(
                            S3mlException.class, e -> assertThat(e.code()).isEqualTo("SRV-104"));

            interpreter.resize(0, Shape.of(1, 4));
            interpreter.allocate();
            interpreter.invoke();

            assertThat(interpreter.outputShape(0)).isEqualTo(Shape.of(1, 4));
        }
    }

    @Test
    void opening_and_closing_gives_the_memory_back() throws IOException {
        byte[] detector = Models.detector();
        open(detector).close();
        long before = residentKilobytes();

        for (int i = 0; i < 20; i++) {
            open(detector).close();
        }

        assertThat(residentKilobytes() - before).isLessThan(10_000);
    }

    private static long residentKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static Interpreter open(byte[] model) {
        return Interpreter.open(Models.buffer(model), 1);
    }
}
