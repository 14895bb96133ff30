package s3ml.server.tflite;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.SubGraph;
import org.tensorflow.lite.schema.TensorType;

final class FloatFiltersTest {
    @Test
    void a_filter_becomes_the_floats_that_its_scales_say() {
        try (Interpreter interpreter = open(Models.depthwise(new float[] {0.5f, 3f}, false))) {
            for (int i = 0; i < 8; i++) {
                interpreter.input(0).setAtIndex(JAVA_FLOAT, i, i + 0.25f);
            }

            interpreter.invoke();

            // Sums over the even and the odd places of (i + 0.25) times the filter.
            assertThat(interpreter.output(0).getAtIndex(JAVA_FLOAT, 0)).isEqualTo(0.5f * (-1f - 4.5f + 0f + 12.5f));
            assertThat(interpreter.output(0).getAtIndex(JAVA_FLOAT, 1))
                    .isEqualTo(3f * (-3.75f - 3.25f + 5.25f + 21.75f));
        }
    }

    @Test
    void one_scale_serves_all_channels() {
        try (ModelBuffer wide = FloatFilters.widened(Models.buffer(Models.depthwise(new float[] {2f}, false)))) {
            ByteBuffer filter = filters(wide).getFirst();

            assertThat(filter.remaining()).isEqualTo(8 * Float.BYTES);
            assertThat(filter.getFloat(0)).isEqualTo(-8f);
            assertThat(filter.getFloat(28)).isEqualTo(6f);
        }
    }

    @Test
    void bytes_that_another_tensor_reads_stay() {
        ModelBuffer model = Models.buffer(Models.depthwise(new float[] {0.5f, 3f}, true));
        try (ModelBuffer same = FloatFilters.widened(model)) {
            assertThat(same).isSameAs(model);
        }
    }

    @Test
    void a_model_without_such_filters_stays_as_it_is() {
        ModelBuffer model = Models.buffer(Models.doubling(TensorType.FLOAT32, 1, 4));
        try (ModelBuffer same = FloatFilters.widened(model)) {
            assertThat(same).isSameAs(model);
        }
    }

    @Test
    void the_detectors_filters_are_all_widened_and_nothing_else_is_touched() {
        byte[] detector = Models.detector();
        try (ModelBuffer wide = FloatFilters.widened(Models.buffer(detector))) {
            assertThat(filters(wide)).hasSize(17);
            assertThat(wide.size() - detector.length).isBetween(200_000L, 300_000L);
            // Types and offsets, four bytes and one for each of the fifteen eight-bit filters, differ at most.
            long changed = 0;
            for (int i = 0; i < detector.length; i++) {
                changed += wide.bytes().get(JAVA_BYTE, i) == detector[i] ? 0 : 1;
            }
            assertThat(changed).isBetween(30L, 75L);
        }
    }

    @Test
    void damaged_bytes_never_lead_outside_the_buffer() {
        byte[] model = Models.depthwise(new float[] {0.5f, 3f}, false);
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] damaged = model.clone();
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            // Whatever comes out, it does not throw and does not crash.
            FloatFilters.widened(Models.buffer(damaged)).close();
        }
    }

    /// The filters of the depthwise convolutions, all of which are floats.
    private static List<ByteBuffer> filters(ModelBuffer buffer) {
        Model model = Model.getRootAsModel(buffer.bytes().asByteBuffer());
        SubGraph graph = model.subgraphs(0);
        List<ByteBuffer> filters = new ArrayList<>();
        for (int i = 0; i < graph.operatorsLength(); i++) {
            int code =
                    model.operatorCodes((int) graph.operators(i).opcodeIndex()).deprecatedBuiltinCode();
            if (code == BuiltinOperator.DEPTHWISE_CONV_2D) {
                int tensor = graph.operators(i).inputs(1);
                assertThat(graph.tensors(tensor).type()).isEqualTo(TensorType.FLOAT32);
                ByteBuffer data =
                        model.buffers((int) graph.tensors(tensor).buffer()).dataAsByteBuffer();
                filters.add(data.slice().order(java.nio.ByteOrder.LITTLE_ENDIAN));
            }
        }
        return filters;
    }

    private static Interpreter open(byte[] model) {
        return Interpreter.open(Models.buffer(model), 1);
    }
}
