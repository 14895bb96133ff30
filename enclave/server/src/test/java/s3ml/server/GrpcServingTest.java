package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.InferTensorContents;
import s3ml.wire.inference.ModelConfigRequest;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;
import s3ml.wire.inference.ModelMetadataRequest;
import s3ml.wire.inference.RepositoryIndexRequest;
import s3ml.wire.inference.ServerReadyRequest;
import s3ml.wire.inference.SystemSharedMemoryRegisterRequest;

/// The gRPC interface over real sockets and real TLS.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class GrpcServingTest {
    private TestServer server;
    private GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of());
        server.pack("double", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("detector", "1", Models.detector(), "Ball", "Cube", "Duck", "Marker");
        server.release();
        stub = GRPCInferenceServiceGrpc.newBlockingStub(server.grpc());
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    private static ModelInferRequest.Builder request(String model, int... shape) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
        ModelInferRequest.InferInputTensor.Builder input =
                request.addInputsBuilder().setName("x").setDatatype("FP32");
        for (int dim : shape) {
            input.addShape(dim);
        }
        return request;
    }

    private static ByteString floats(float... values) {
        ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return ByteString.copyFrom(buffer.flip());
    }

    @Test
    void raw_contents_are_answered_raw() {
        ModelInferResponse response = stub.modelInfer(request("double", 1, 4)
                .setId("a")
                .addRawInputContents(floats(1, 2, 3, 4))
                .build());

        assertThat(response.getId()).isEqualTo("a");
        assertThat(response.getOutputs(0).getName()).isEqualTo("sum");
        assertThat(response.getRawOutputContents(0)).isEqualTo(floats(2, 4, 6, 8));
    }

    @Test
    void typed_contents_are_answered_typed() {
        ModelInferRequest.Builder request = request("double", 1, 4);
        request.getInputsBuilder(0)
                .setContents(InferTensorContents.newBuilder()
                        .addFp32Contents(1)
                        .addFp32Contents(2)
                        .addFp32Contents(3)
                        .addFp32Contents(4));

        ModelInferResponse response = stub.modelInfer(request.build());

        assertThat(response.getOutputs(0).getContents().getFp32ContentsList()).containsExactly(2f, 4f, 6f, 8f);
    }

    private ModelInferRequest frame() {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("detector");
        String input = stub.modelMetadata(
                        ModelMetadataRequest.newBuilder().setName("detector").build())
                .getInputs(0)
                .getName();
        request.addInputsBuilder()
                .setName(input)
                .setDatatype("FP32")
                .addShape(1)
                .addShape(300)
                .addShape(300)
                .addShape(3);
        return request.addRawInputContents(ByteString.copyFrom(new byte[300 * 300 * 3 * 4]))
                .build();
    }

    @Test
    void a_real_detector_answers() {
        assertThat(stub.modelInfer(frame()).getOutputsList()).hasSize(4);
    }

    @Test
    void refusals_have_the_status_that_clients_expect() {
        assertThat(status(request("absent", 1, 4).addRawInputContents(floats(1))))
                .isEqualTo(Status.Code.NOT_FOUND);
        assertThat(status(request("double", 1, 4).addRawInputContents(floats(1))))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(status(request("double", 4, 1).addRawInputContents(floats(1, 2, 3, 4))))
                .isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThatThrownBy(
                        () -> stub.systemSharedMemoryRegister(SystemSharedMemoryRegisterRequest.getDefaultInstance()))
                .hasMessageContaining("UNIMPLEMENTED");
    }

    private Status.Code status(ModelInferRequest.Builder request) {
        try {
            stub.modelInfer(request.build());
            return Status.Code.OK;
        } catch (StatusRuntimeException refused) {
            assertThat(refused.getMessage()).contains("SRV-2");
            return refused.getStatus().getCode();
        }
    }

    @Test
    void readiness_health_configuration_and_index_answer() throws Exception {
        assertThat(stub.serverReady(ServerReadyRequest.getDefaultInstance()).getReady())
                .isTrue();
        assertThat(HealthGrpc.newBlockingStub(server.grpc())
                        .check(HealthCheckRequest.getDefaultInstance())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
        assertThat(stub.modelConfig(ModelConfigRequest.newBuilder()
                                .setName("double")
                                .build())
                        .getConfig()
                        .getInput(0)
                        .getDimsList())
                .containsExactly(1L, 4L);
        assertThat(stub.repositoryIndex(RepositoryIndexRequest.getDefaultInstance())
                        .getModelsList())
                .hasSize(2);
    }
}
