package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.protocol.SealedBody;
import s3ml.server.tflite.Models;

/// Bodies that are sealed to the enclave through whatever ends TLS on the way.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SealedServingTest {
    private static final String PATH = "/v2/models/double/infer";
    private static final ByteString INFER = ByteString.copyFromUtf8(
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}");

    private TestServer server;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of());
        server.pack("double", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("other", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.release();
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    private SealedBody.SealedRequest seal(String model, ByteString body, Instant at) {
        return SealedBody.seal(
                server.hpkeKey().config(),
                new SealedBody.Target("POST", PATH, model),
                new SealedBody.Content(SealedBody.JSON_ONLY, body),
                at);
    }

    private HttpResponse<byte[]> send(String path, ByteString body) throws Exception {
        try (HttpClient client = server.http(HttpClient.Version.HTTP_2)) {
            HttpRequest request = HttpRequest.newBuilder(server.uri(path))
                    .header("content-type", SealedBody.MEDIA_TYPE)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    @Test
    void a_sealed_request_is_answered_sealed() throws Exception {
        try (SealedBody.SealedRequest request = seal("double", INFER, Instant.now())) {
            HttpResponse<byte[]> response = send(PATH, request.bytes());

            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(text(response)).doesNotContain("outputs");
            assertThat(request.open(200, ByteString.copyFrom(response.body()))
                            .body()
                            .toStringUtf8())
                    .contains("[2.0,4.0,6.0,9.0]");
        }
    }

    @Test
    void a_refusal_of_what_was_sealed_is_sealed_too() throws Exception {
        try (SealedBody.SealedRequest request = seal("double", ByteString.copyFromUtf8("{}"), Instant.now())) {
            HttpResponse<byte[]> response = send(PATH, request.bytes());

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(text(response)).doesNotContain("SRV");
            assertThat(request.open(400, ByteString.copyFrom(response.body()))
                            .body()
                            .toStringUtf8())
                    .contains("SRV-214");
        }
    }

    @Test
    void a_request_for_one_model_cannot_be_turned_to_another() throws Exception {
        try (SealedBody.SealedRequest request = seal("double", INFER, Instant.now())) {
            HttpResponse<byte[]> response = send("/v2/models/other/infer", request.bytes());

            assertThat(response.statusCode()).isEqualTo(400);
            assertThat(text(response)).contains("SRV-251").contains("PRO-150");
        }
    }

    @Test
    void the_same_request_is_not_run_twice_and_an_old_one_never() throws Exception {
        try (SealedBody.SealedRequest request = seal("double", INFER, Instant.now());
                SealedBody.SealedRequest old =
                        seal("double", INFER, Instant.now().minus(Duration.ofMinutes(6)))) {
            assertThat(send(PATH, request.bytes()).statusCode()).isEqualTo(200);

            assertThat(text(send(PATH, request.bytes()))).contains("SRV-251").contains("came before");
            assertThat(text(send(PATH, old.bytes()))).contains("SRV-251").contains("five minutes");
        }
    }

    @Test
    void noise_is_refused_with_a_code() throws Exception {
        assertThat(text(send(PATH, ByteString.copyFromUtf8("noise")))).contains("SRV-251");
        assertThat(text(send(PATH, ByteString.copyFrom(new byte[4096])))).contains("SRV-251");
    }
}
