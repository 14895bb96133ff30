package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.lite.schema.TensorType;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.protocol.receipt.InferenceReceipt;
import s3ml.protocol.receipt.TensorDigest;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.InferParameter;
import s3ml.wire.inference.ModelInferRequest;

/// Receipts and spans, as clients ask for them.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class ReceiptTest {
    private static final Digest SALT = Digest.of(new byte[] {7});

    private TestServer server;
    private byte[] model;
    private Path spans;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        spans = folder.resolve("spans.jsonl");
        model = Models.doubling(TensorType.FLOAT32, 1, 4);
        server = new TestServer(
                Map.of(),
                ServerConfig.Limits.DEFAULT,
                new ServerConfig.Callers(Optional.empty(), true, Optional.of(spans)));
        server.with("double", model);
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    private static String body(String parameters) {
        return "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}],"
                + "\"parameters\":{" + parameters + "}}";
    }

    private static Digest tensors(String name, float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return new TensorDigest(SALT)
                .add(name, "FP32", new long[] {1, values.length}, data.flip())
                .digest();
    }

    @Test
    void every_protocol_gives_the_same_receipt_for_the_same_question() throws Exception {
        HttpResponse<String> rest =
                server.call("POST", "/v2/models/double/infer", body("\"s3ml_receipt_salt\":\"" + SALT.hex() + "\""));
        String overRest = Json.parseObject(rest.body()).object("parameters").string("s3ml_receipt");
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder()
                .setModelName("double")
                .putParameters(
                        "s3ml_receipt_salt",
                        InferParameter.newBuilder().setStringParam(SALT.hex()).build());
        request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(4);
        ByteBuffer raw = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        raw.putFloat(1).putFloat(2).putFloat(3).putFloat(4.5f).flip();
        String overGrpc = GRPCInferenceServiceGrpc.newBlockingStub(server.grpc())
                .modelInfer(
                        request.addRawInputContents(ByteString.copyFrom(raw)).build())
                .getParametersOrThrow("s3ml_receipt")
                .getStringParam();

        for (String text : new String[] {overRest, overGrpc}) {
            InferenceReceipt receipt = InferenceReceipt.verify(text, List.of(server.authority()))
                    .about(SALT, tensors("x", 1, 2, 3, 4.5f), tensors("sum", 2, 4, 6, 9));
            assertThat(receipt.model()).isEqualTo(new InferenceReceipt.Model("double", "1", Digest.of(model)));
            assertThat(receipt.enclave().service()).isEqualTo("test");
        }
        InferenceReceipt receipt = InferenceReceipt.verify(overRest, List.of(server.authority()));
        assertThatThrownBy(() -> receipt.about(SALT, tensors("x", 1, 2, 3, 4), tensors("sum", 2, 4, 6, 9)))
                .hasMessageContaining("other inputs");
        assertThatThrownBy(() -> receipt.about(SALT, tensors("x", 1, 2, 3, 4.5f), tensors("sum", 2, 4, 6, 8)))
                .hasMessageContaining("other outputs");
    }

    @Test
    void a_receipt_of_which_any_part_was_changed_or_of_another_service_is_refused() throws Exception {
        HttpResponse<String> rest =
                server.call("POST", "/v2/models/double/infer", body("\"s3ml_receipt_salt\":\"" + SALT.hex() + "\""));
        String text = Json.parseObject(rest.body()).object("parameters").string("s3ml_receipt");

        for (int at = 0; at < text.length(); at += 7) {
            char other = text.charAt(at) == 'A' ? 'B' : 'A';
            String changed = text.substring(0, at) + other + text.substring(at + 1);
            assertThatThrownBy(() -> InferenceReceipt.verify(changed, List.of(server.authority())))
                    .as(changed)
                    .hasMessageStartingWith("PRO-171");
        }
        try (TestServer other = new TestServer(Map.of())) {
            assertThatThrownBy(() -> InferenceReceipt.verify(text, List.of(other.authority())))
                    .hasMessageContaining("not of the service's CA");
        }
    }

    @Test
    void a_request_that_does_not_ask_gets_none_and_a_wrong_salt_is_refused() throws Exception {
        assertThat(server.call("POST", "/v2/models/double/infer", body("")).body())
                .doesNotContain("receipt");
        HttpResponse<String> wrong =
                server.call("POST", "/v2/models/double/infer", body("\"s3ml_receipt_salt\":\"zz\""));
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(wrong.body()).contains("SRV-219");
    }

    @Test
    void receipts_are_off_unless_configured() throws Exception {
        try (TestServer plain = new TestServer(Map.of()).with("double", model)) {
            HttpResponse<String> refused =
                    plain.call("POST", "/v2/models/double/infer", body("\"s3ml_receipt_salt\":\"" + SALT.hex() + "\""));
            assertThat(refused.statusCode()).isEqualTo(501);
            assertThat(refused.body()).contains("SRV-241");
        }
    }

    @Test
    void a_recorded_request_leaves_a_span_under_its_callers_and_another_one_none() throws Exception {
        String trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        send("00-" + trace + "-00f067aa0ba902b7-01");
        send("00-11111111111111111111111111111111-00f067aa0ba902b7-00");
        send("nonsense");

        String written = "";
        for (int wait = 0; wait < 100 && !written.contains(trace); wait++) {
            Thread.sleep(50);
            written = Files.exists(spans) ? Files.readString(spans) : "";
        }
        assertThat(written.lines()).hasSize(1);
        assertThat(Json.parseObject(written.strip())
                        .array("resourceSpans")
                        .objects()
                        .getFirst()
                        .array("scopeSpans")
                        .objects()
                        .getFirst()
                        .array("spans")
                        .objects()
                        .getFirst()
                        .string("parentSpanId"))
                .isEqualTo("00f067aa0ba902b7");
        assertThat(written).doesNotContain("4.5", "9.0");
    }

    private void send(String traceparent) throws Exception {
        try (java.net.http.HttpClient client = server.http(java.net.http.HttpClient.Version.HTTP_1_1)) {
            var request = java.net.http.HttpRequest.newBuilder(server.uri("/v2/models/double/infer"))
                    .header("traceparent", traceparent)
                    .POST(java.net.http.HttpRequest.BodyPublishers.ofString(body("")))
                    .build();
            assertThat(client.send(request, HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
        }
    }
}
