package s3ml.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import org.junit.jupiter.api.Test;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.RequestRefused;
import s3ml.wire.inference.ModelInferRequest;

final class ArrivalTest {
    private static final int BUDGET = 100_000;

    private final HeapBudget budget = new HeapBudget(BUDGET);

    private Arrival read(byte[] message) throws Exception {
        return Arrival.read(new ByteArrayInputStream(message), budget.share());
    }

    private void assertAllIsGivenBack() {
        try (HeapBudget.Share everything = budget.share()) {
            everything.take(BUDGET);
        }
    }

    @Test
    void what_a_message_takes_is_given_back_by_the_last_who_holds_it() throws Exception {
        Arrival arrival = read(ModelInferRequest.newBuilder()
                .setId("a")
                .addRawInputContents(ByteString.copyFromUtf8("tensor"))
                .build()
                .toByteArray());
        var contents = arrival.contents(0);

        arrival.close();
        assertThatThrownBy(this::assertAllIsGivenBack).isInstanceOf(RequestRefused.class);
        contents.close();
        assertAllIsGivenBack();
    }

    @Test
    void a_message_whose_fields_are_whole_and_cannot_be_read_takes_nothing() {
        // A text that is not UTF-8.
        byte[] malformed = {ModelInferRequest.ID_FIELD_NUMBER << 3 | 2, 1, (byte) 0xff};

        assertThatThrownBy(() -> read(malformed)).isInstanceOf(InvalidProtocolBufferException.class);

        assertAllIsGivenBack();
    }

    @Test
    void a_message_for_which_there_is_no_room_takes_nothing_and_says_so() throws Exception {
        ModelInferRequest.Builder many = ModelInferRequest.newBuilder();
        for (int i = 0; i < 1_000; i++) {
            many.addInputs(ModelInferRequest.InferInputTensor.getDefaultInstance());
        }

        try (Arrival arrival = read(many.build().toByteArray())) {
            assertThatThrownBy(arrival::demandRead)
                    .isInstanceOf(RequestRefused.class)
                    .hasMessageStartingWith("SRV-212");
            assertThat(arrival.message()).isEqualTo(ModelInferRequest.getDefaultInstance());
            assertAllIsGivenBack();
        }
    }
}
