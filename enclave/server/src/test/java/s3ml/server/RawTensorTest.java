package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.InferTensorContents;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;

/// Every datatype of the protocol as raw bytes through a model that gives back what it gets, over REST and gRPC; and
/// contents that do not fill their shape.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RawTensorTest {
    /// In the schema of later versions than the library that builds these models.
    private static final byte BFLOAT16 = 18;

    private static final Map<String, Byte> TYPES = Map.ofEntries(
            Map.entry("BOOL", TensorType.BOOL),
            Map.entry("UINT8", TensorType.UINT8),
            Map.entry("UINT16", TensorType.UINT16),
            Map.entry("UINT32", TensorType.UINT32),
            Map.entry("UINT64", TensorType.UINT64),
            Map.entry("INT8", TensorType.INT8),
            Map.entry("INT16", TensorType.INT16),
            Map.entry("INT32", TensorType.INT32),
            Map.entry("INT64", TensorType.INT64),
            Map.entry("FP16", TensorType.FLOAT16),
            Map.entry("BF16", BFLOAT16),
            Map.entry("FP32", TensorType.FLOAT32),
            Map.entry("FP64", TensorType.FLOAT64),
            Map.entry("BYTES", TensorType.STRING));

    private TestServer server;
    private GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of());
        for (Map.Entry<String, Byte> type : TYPES.entrySet()) {
            server.pack(type.getKey(), "1", Models.identity(type.getValue(), 2));
        }
        server.pack("large", "1", Models.identity(TensorType.INT8, 2000));
        server.release();
        stub = GRPCInferenceServiceGrpc.newBlockingStub(server.grpc());
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    /// Two elements as they travel.
    private static byte[] raw(String type) {
        if (type.equals("BYTES")) {
            return new byte[] {3, 0, 0, 0, 'o', 'n', 'e', 0, 0, 0, 0};
        }
        int size = size(type);
        byte[] bytes = new byte[2 * size];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (type.equals("BOOL") ? i & 1 : 17 * i + 1);
        }
        return bytes;
    }

    private static int size(String type) {
        return switch (type) {
            case "BOOL", "UINT8", "INT8" -> 1;
            case "UINT16", "INT16", "FP16", "BF16" -> 2;
            case "UINT32", "INT32", "FP32" -> 4;
            default -> 8;
        };
    }

    private static ModelInferRequest.Builder request(String type) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(type);
        request.addInputsBuilder().setName("x").setDatatype(type).addShape(2);
        return request;
    }

    @Test
    void each_datatype_comes_back_bit_for_bit_over_gRPC() {
        for (String type : TYPES.keySet()) {
            ModelInferResponse response = stub.modelInfer(request(type)
                    .addRawInputContents(ByteString.copyFrom(raw(type)))
                    .build());

            assertThat(response.getOutputs(0).getDatatype()).isEqualTo(type);
            assertThat(response.getRawOutputContents(0).toByteArray()).as(type).isEqualTo(raw(type));
        }
    }

    @Test
    void each_datatype_comes_back_bit_for_bit_over_REST() throws Exception {
        for (String type : TYPES.keySet()) {
            HttpResponse<byte[]> response = post(type, raw(type));

            int header = Integer.parseInt(response.headers()
                    .firstValue("inference-header-content-length")
                    .orElseThrow());
            byte[] answer = response.body();
            assertThat(java.util.Arrays.copyOfRange(answer, header, answer.length))
                    .as(type)
                    .isEqualTo(raw(type));
        }
    }

    @Test
    void contents_that_do_not_fill_their_shape_are_refused() throws Exception {
        for (String type : TYPES.keySet()) {
            byte[] raw = raw(type);
            byte[] shorter = java.util.Arrays.copyOf(raw, raw.length - 1);
            byte[] longer = java.util.Arrays.copyOf(raw, raw.length + 1);
            for (byte[] wrong : new byte[][] {shorter, longer, {}}) {
                assertThat(new String(post(type, wrong).body(), StandardCharsets.UTF_8))
                        .as(type + " with " + wrong.length + " bytes")
                        .contains("SRV-217");
                assertThatThrownBy(() -> stub.modelInfer(request(type)
                                .addRawInputContents(ByteString.copyFrom(wrong))
                                .build()))
                        .as(type + " with " + wrong.length + " bytes")
                        .hasMessageContaining("SRV-217");
            }
        }
    }

    @Test
    void a_string_that_points_past_the_end_is_refused() throws Exception {
        ByteBuffer raw = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
        raw.putInt(0).putInt(Integer.MAX_VALUE).putInt(0);

        assertThat(new String(post("BYTES", raw.array()).body(), StandardCharsets.UTF_8))
                .contains("SRV-217");
    }

    @Test
    void half_precision_has_no_typed_contents_over_gRPC_and_its_outputs_travel_raw() {
        for (String type : new String[] {"FP16", "BF16"}) {
            ModelInferRequest.Builder typed = request(type);
            typed.getInputsBuilder(0)
                    .setContents(
                            InferTensorContents.newBuilder().addFp32Contents(1).addFp32Contents(2));

            assertThatThrownBy(() -> stub.modelInfer(typed.build())).hasMessageContaining("SRV-215");
        }
    }

    @Test
    void half_precision_may_be_written_as_numbers_in_JSON() throws Exception {
        for (String type : new String[] {"FP16", "BF16"}) {
            HttpResponse<String> response = server.call(
                    "POST",
                    "/v2/models/" + type + "/infer",
                    "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"" + type + "\",\"data\":[1.5,-2]}]}");

            assertThat(response.body()).as(type).contains("[1.5,-2.0]");
        }
    }

    @Test
    void a_models_answer_is_compressed_for_who_accepts_it_and_descriptions_are_not() throws Exception {
        String zeros = "0,".repeat(1999) + "0";
        HttpResponse<byte[]> answer = accepting(
                "large/infer",
                "{\"inputs\":[{\"name\":\"x\",\"shape\":[2000],\"datatype\":\"INT8\",\"data\":[" + zeros + "]}]}");
        HttpResponse<byte[]> statistics = accepting("stats", "");

        assertThat(answer.headers().firstValue("content-encoding")).contains("gzip");
        assertThat(statistics.headers().firstValue("content-encoding")).isEmpty();
        assertThat(statistics.headers().firstValue("s3ml-plain")).isEmpty();
        assertThat(new String(statistics.body(), StandardCharsets.UTF_8))
                .hasSizeGreaterThan(1024)
                .startsWith("{");
    }

    private HttpResponse<byte[]> accepting(String path, String body) throws Exception {
        try (HttpClient client = server.http(HttpClient.Version.HTTP_1_1)) {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(server.uri("/v2/models/" + path)).header("accept-encoding", "gzip");
            if (!body.isEmpty()) {
                request.POST(HttpRequest.BodyPublishers.ofString(body));
            }
            return client.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private HttpResponse<byte[]> post(String type, byte[] raw) throws Exception {
        byte[] header = ("{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"" + type
                        + "\",\"parameters\":{\"binary_data_size\":" + raw.length
                        + "}}],\"parameters\":{\"binary_data_output\":true}}")
                .getBytes(StandardCharsets.UTF_8);
        byte[] body = java.util.Arrays.copyOf(header, header.length + raw.length);
        System.arraycopy(raw, 0, body, header.length, raw.length);
        try (HttpClient client = server.http(HttpClient.Version.HTTP_1_1)) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/v2/models/" + type + "/infer"))
                    .header("Inference-Header-Content-Length", Integer.toString(header.length))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }
}
