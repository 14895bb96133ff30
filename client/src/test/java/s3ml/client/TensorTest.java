package s3ml.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TensorTest {
    @Test
    void floats_survive_the_little_endian_form() {
        Tensor tensor = Tensor.ofFloats("t", List.of(3L), new float[] {1, Float.NaN, -0.5f});

        assertThat(tensor.floats()).containsExactly(1, Float.NaN, -0.5f);
        assertThat(tensor.data().getInt(0)).isEqualTo(Float.floatToIntBits(1));
        assertThat(tensor.data().get(3)).isEqualTo((byte) 0x3f);
    }

    @Test
    void bytes_that_do_not_fit_the_shape_are_refused() {
        ByteBuffer eight = ByteBuffer.allocate(8);

        assertThat(Tensor.of("t", Datatype.FP32, List.of(2L), eight).shape()).containsExactly(2L);
        assertThat(Tensor.of("t", Datatype.FP32, List.of(), ByteBuffer.allocate(4))
                        .shape())
                .isEmpty();
        assertThatThrownBy(() -> Tensor.of("t", Datatype.FP32, List.of(3L), eight))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.of("t", Datatype.FP32, List.of(-2L), eight))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Tensor.of("t", Datatype.FP32, List.of(1L << 40, 1L << 40), eight))
                .isInstanceOf(ArithmeticException.class);
    }

    @Test
    void data_cannot_be_changed_and_its_position_is_its_own() {
        Tensor tensor = Tensor.of("t", Datatype.UINT8, List.of(2L), ByteBuffer.wrap(new byte[] {1, 2}));

        tensor.data().get();

        assertThat(tensor.data().remaining()).isEqualTo(2);
        assertThat(tensor.data().isReadOnly()).isTrue();
    }
}
