package s3ml.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.netty.buffer.Unpooled;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import s3ml.wire.inference.InferTensorContents;
import s3ml.wire.inference.ModelInferRequest;

final class HeapCostTest {
    private static long cost(ModelInferRequest message) throws Exception {
        return HeapCost.of(List.of(Unpooled.wrappedBuffer(message.toByteArray())));
    }

    private static ModelInferRequest with(InferTensorContents contents) {
        return ModelInferRequest.newBuilder()
                .addInputs(ModelInferRequest.InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addShape(1)
                        .setContents(contents))
                .build();
    }

    @Test
    void a_request_whose_tensors_travel_raw_costs_next_to_nothing() throws Exception {
        assertThat(cost(with(InferTensorContents.getDefaultInstance()))).isLessThan(3_000);
    }

    @Test
    void numbers_count_as_they_lie_in_memory() throws Exception {
        List<Long> zeros = Collections.nCopies(100_000, 0L);
        List<Float> floats = Collections.nCopies(100_000, 0f);

        // 24 bytes for each byte of the first, and what came: three times the second's 400 kB beside what came twice.
        assertThat(cost(with(InferTensorContents.newBuilder()
                        .addAllInt64Contents(zeros)
                        .build())))
                .isBetween(2_400_000L, 2_700_000L);
        assertThat(cost(with(InferTensorContents.newBuilder()
                        .addAllFp32Contents(floats)
                        .build())))
                .isBetween(1_200_000L, 2_100_000L);
    }

    @Test
    void each_message_and_each_text_counts_as_an_object() throws Exception {
        ModelInferRequest.Builder inputs = ModelInferRequest.newBuilder();
        InferTensorContents.Builder texts = InferTensorContents.newBuilder();
        for (int i = 0; i < 10_000; i++) {
            inputs.addInputs(ModelInferRequest.InferInputTensor.getDefaultInstance());
            texts.addBytesContents(ByteString.EMPTY);
        }

        assertThat(cost(inputs.build())).isGreaterThan(2_000_000);
        assertThat(cost(with(texts.build()))).isGreaterThan(2_000_000);
    }

    @Test
    void what_is_no_message_is_not_counted() {
        assertThatThrownBy(() -> HeapCost.of(List.of(Unpooled.wrappedBuffer(new byte[] {42, 100}))))
                .isInstanceOf(InvalidProtocolBufferException.class);
    }
}
