package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;
import s3ml.wire.inference.ModelStreamInferResponse;

/// Tensors stay in the network's buffers until the model has taken them: however a call ends, they are given back.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class NetworkBuffersTest {
    /// More than a TLS record and an HTTP/2 frame, so that the contents lie in many buffers.
    private static final int SIZE = 300_000;

    /// Less than one request: what idle connections hold.
    private static final long IDLE = 100_000;

    private TestServer server;
    private ManagedChannel channel;
    private GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of()).with("large", Models.identity(TensorType.INT8, SIZE));
        channel = server.grpc();
        stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    @AfterEach
    void everything_is_given_back() throws Exception {
        for (int i = 0; i < 1000 && held() > IDLE; i++) {
            Thread.sleep(5);
        }
        assertThat(held()).isLessThanOrEqualTo(IDLE);
    }

    private long held() {
        return server.server().listeners().heldBytes();
    }

    private static ByteString contents(int seed) {
        byte[] bytes = new byte[SIZE];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i * 31 + seed);
        }
        return ByteString.copyFrom(bytes);
    }

    private static ModelInferRequest.Builder request(ByteString contents) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("large");
        request.addInputsBuilder().setName("x").setDatatype("INT8").addShape(SIZE);
        return request.addRawInputContents(contents);
    }

    @Test
    void contents_arrive_as_they_were_sent() {
        for (int i = 0; i < 20; i++) {
            ModelInferResponse response = stub.modelInfer(request(contents(i)).build());

            assertThat(response.getRawOutputContents(0)).isEqualTo(contents(i));
        }
    }

    @Test
    void compressed_contents_arrive_as_they_were_sent() {
        ModelInferResponse response =
                stub.withCompression("gzip").modelInfer(request(contents(5)).build());

        assertThat(response.getRawOutputContents(0)).isEqualTo(contents(5));
    }

    @Test
    void refused_requests_hold_nothing() {
        for (int i = 0; i < 10; i++) {
            assertCode(request(contents(i)).setModelName("absent"), Status.Code.NOT_FOUND);
            assertCode(request(contents(i)).addRawInputContents(contents(1)), Status.Code.INVALID_ARGUMENT);
            assertCode(request(contents(i)).setInputs(0, input("INT7", SIZE)), Status.Code.INVALID_ARGUMENT);
            assertCode(request(contents(i)).setInputs(0, input("INT8", -1)), Status.Code.INVALID_ARGUMENT);
            assertCode(request(contents(i)).setInputs(0, input("INT8", SIZE + 1)), Status.Code.INVALID_ARGUMENT);
        }
    }

    private static ModelInferRequest.InferInputTensor input(String type, long dim) {
        return ModelInferRequest.InferInputTensor.newBuilder()
                .setName("x")
                .setDatatype(type)
                .addShape(dim)
                .build();
    }

    private void assertCode(ModelInferRequest.Builder request, Status.Code code) {
        assertThatThrownBy(() -> stub.modelInfer(request.build()))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> assertThat(refused.getStatus().getCode()).isEqualTo(code));
    }

    @Test
    void a_call_that_ends_between_its_message_and_its_half_close_holds_nothing() throws Exception {
        for (int i = 0; i < 10; i++) {
            ClientCall<ModelInferRequest, ModelInferResponse> call =
                    channel.newCall(GRPCInferenceServiceGrpc.getModelInferMethod(), CallOptions.DEFAULT);
            call.start(new ClientCall.Listener<>() {}, new Metadata());
            call.sendMessage(request(contents(i)).build());
            while (held() < SIZE) {
                Thread.sleep(1);
            }
            call.cancel("enough", null);
            everything_is_given_back();
        }
    }

    @Test
    void a_second_message_of_a_unary_call_holds_nothing() throws Exception {
        ClientCall<ModelInferRequest, ModelInferResponse> call = channel.newCall(
                GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder()
                        .setType(io.grpc.MethodDescriptor.MethodType.BIDI_STREAMING)
                        .build(),
                CallOptions.DEFAULT);
        CountDownLatch closed = new CountDownLatch(1);
        call.start(
                new ClientCall.Listener<>() {
                    @Override
                    public void onClose(Status status, Metadata trailers) {
                        closed.countDown();
                    }
                },
                new Metadata());
        call.sendMessage(request(contents(1)).build());
        call.sendMessage(request(contents(2)).build());
        call.halfClose();

        assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void a_stream_holds_one_request_at_a_time() throws Exception {
        AtomicInteger answers = new AtomicInteger();
        CountDownLatch completed = new CountDownLatch(1);
        StreamObserver<ModelInferRequest> requests = ClientCalls.asyncBidiStreamingCall(
                channel.newCall(GRPCInferenceServiceGrpc.getModelStreamInferMethod(), CallOptions.DEFAULT),
                new StreamObserver<ModelStreamInferResponse>() {
                    @Override
                    public void onNext(ModelStreamInferResponse response) {
                        answers.incrementAndGet();
                    }

                    @Override
                    public void onError(Throwable failure) {
                        completed.countDown();
                    }

                    @Override
                    public void onCompleted() {
                        completed.countDown();
                    }
                });

        for (int i = 0; i < 20; i++) {
            requests.onNext(request(contents(i)).build());
        }
        requests.onCompleted();

        assertThat(completed.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(answers).hasValue(20);
    }

    @Test
    void bytes_that_are_no_message_hold_nothing() throws Exception {
        for (int i = 0; i < 10; i++) {
            byte[] bytes = request(contents(i)).build().toByteArray();
            byte[] torn = Arrays.copyOf(bytes, bytes.length - 1);
            byte[] grouped = Arrays.copyOf(bytes, bytes.length + 1);
            grouped[bytes.length] = 11 << 3 | 3;
            byte[] endless = Arrays.copyOf(bytes, bytes.length + 1);
            endless[bytes.length] = (byte) 0x80;
            assertMalformed(torn);
            assertMalformed(grouped);
            assertMalformed(endless);
        }
    }

    @Test
    void more_raw_contents_than_any_model_has_inputs_are_refused() throws Exception {
        ModelInferRequest.Builder request = request(contents(1));
        for (int i = 0; i < 1024; i++) {
            request.addRawInputContents(ByteString.EMPTY);
        }

        assertMalformed(request.build().toByteArray());
    }

    private void assertMalformed(byte[] bytes) {
        ClientCall<byte[], ModelInferResponse> call = channel.newCall(
                GRPCInferenceServiceGrpc.getModelInferMethod().toBuilder(
                                new Bytes(),
                                GRPCInferenceServiceGrpc.getModelInferMethod().getResponseMarshaller())
                        .build(),
                CallOptions.DEFAULT);

        assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(call, bytes)).isInstanceOf(StatusRuntimeException.class);
    }

    private static final class Bytes implements io.grpc.MethodDescriptor.Marshaller<byte[]> {
        @Override
        public java.io.InputStream stream(byte[] value) {
            return new java.io.ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(java.io.InputStream stream) {
            throw new UnsupportedOperationException("requests are not read here");
        }
    }
}
