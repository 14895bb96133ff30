package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;

/// The HTTP interface over real sockets and real TLS.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RestServingTest {
    private static final String GOOD =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";

    private TestServer server;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of());
        server.pack("double", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("ints", "1", Models.identity(TensorType.INT32, 2, 2));
        server.pack("bools", "1", Models.identity(TensorType.BOOL, 2));
        server.release();
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    @Test
    void a_request_in_JSON_is_answered_in_JSON() throws Exception {
        HttpResponse<String> response = server.call("POST", "/v2/models/double/infer", GOOD);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .isEqualTo("{\"model_name\":\"double\",\"model_version\":\"1\",\"outputs\":[{\"name\":\"sum\","
                        + "\"datatype\":\"FP32\",\"shape\":[1,4],\"data\":[2.0,4.0,6.0,9.0]}]}");
    }

    @Test
    void members_may_come_in_any_order_and_data_may_be_nested() throws Exception {
        HttpResponse<String> response = server.call(
                "POST",
                "/v2/models/ints/versions/1/infer",
                "{\"id\":\"7\",\"inputs\":[{\"data\":[[1,-2],[3,2147483647]],\"datatype\":\"INT32\",\"shape\":[2,2],"
                        + "\"name\":\"x\"}]}");

        assertThat(response.body()).contains("\"id\":\"7\"").contains("[1,-2,3,2147483647]");
    }

    @Test
    void the_binary_extension_carries_raw_tensors_both_ways() throws Exception {
        String json = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"parameters\":"
                + "{\"binary_data_size\":16}}],\"parameters\":{\"binary_data_output\":true}}";
        byte[] header = json.getBytes(StandardCharsets.UTF_8);
        ByteBuffer body = ByteBuffer.allocate(header.length + 16)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(header);
        body.putFloat(1).putFloat(2).putFloat(3).putFloat(4);

        for (HttpClient.Version version : HttpClient.Version.values()) {
            if (version.name().equals("HTTP_3")) {
                continue;
            }
            HttpResponse<byte[]> response = send(version, body.array(), header.length);

            int length = Integer.parseInt(response.headers()
                    .firstValue("Inference-Header-Content-Length")
                    .orElseThrow());
            byte[] answer = response.body();
            ByteBuffer raw =
                    ByteBuffer.wrap(answer, length, answer.length - length).order(ByteOrder.LITTLE_ENDIAN);
            assertThat(response.version()).isEqualTo(version);
            assertThat(new String(answer, 0, length, StandardCharsets.UTF_8)).contains("\"binary_data_size\":16");
            assertThat(new float[] {raw.getFloat(), raw.getFloat(), raw.getFloat(), raw.getFloat()})
                    .isEqualTo(new float[] {2, 4, 6, 8});
        }
    }

    private HttpResponse<byte[]> send(HttpClient.Version version, byte[] body, int header) throws Exception {
        try (HttpClient client = server.http(version)) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/v2/models/double/infer"))
                    .header("Inference-Header-Content-Length", Integer.toString(header))
                    .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                    .build();
            return client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    @Test
    void health_metadata_configuration_and_index_answer() throws Exception {
        assertThat(server.call("GET", "/v2/health/live", "").statusCode()).isEqualTo(200);
        assertThat(server.call("GET", "/v2/health/ready", "").statusCode()).isEqualTo(200);
        assertThat(server.call("GET", "/v2/models/double/ready", "").statusCode())
                .isEqualTo(200);
        assertThat(server.call("GET", "/v2", "").body()).contains("binary_tensor_data");
        assertThat(server.call("GET", "/v2/models/double", "").body())
                .isEqualTo("{\"name\":\"double\",\"versions\":[\"1\"],\"platform\":\"tensorflow_lite\",\"inputs\":"
                        + "[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4]}],\"outputs\":[{\"name\":\"sum\","
                        + "\"datatype\":\"FP32\",\"shape\":[1,4]}]}");
        assertThat(server.call("GET", "/v2/models/double/config", "").body()).contains("\"max_batch_size\":0");
        assertThat(server.call("GET", "/v2/models/double/stats", "").body()).contains("\"inference_count\"");
        assertThat(server.call("POST", "/v2/repository/index", "").body())
                .contains("{\"name\":\"double\",\"version\":\"1\",\"state\":\"READY\",\"reason\":\"\"}");
    }

    @Test
    void each_kind_of_bad_request_has_its_status_and_code_and_the_server_goes_on() throws Exception {
        refused("/v2/models/absent/infer", GOOD, 404, "SRV-204");
        refused("/v2/models/double/versions/9/infer", GOOD, 404, "SRV-205");
        refused("/v2/models/double/nothing", GOOD, 404, "SRV-201");
        refused("/v2/models/double/infer", "{", 400, "SRV-211");
        refused("/v2/models/double/infer", "[]", 400, "SRV-211");
        refused("/v2/models/double/infer", GOOD + "x", 400, "SRV-211");
        refused("/v2/models/double/infer", GOOD.replace("\"name\"", "\"nom\""), 400, "SRV-214");
        refused("/v2/models/double/infer", "{\"inputs\":" + "[".repeat(100), 400, "SRV-211");
        refused("/v2/models/double/infer", GOOD.replace("[1,2,3,4.5]", "[".repeat(60) + "1"), 413, "SRV-212");
        refused("/v2/models/double/infer", GOOD.replace("\"x\"", "\"y\""), 400, "SRV-214");
        refused("/v2/models/double/infer", "{\"inputs\":[]}", 400, "SRV-214");
        refused("/v2/models/double/infer", GOOD.replace("FP32", "INT32").replace("4.5", "4"), 400, "SRV-215");
        refused("/v2/models/double/infer", GOOD.replace("FP32", "FP31"), 400, "SRV-215");
        refused("/v2/models/double/infer", GOOD.replace("[1,4]", "[2,2]"), 400, "SRV-216");
        refused("/v2/models/double/infer", GOOD.replace("[1,4]", "[-1,4]"), 400, "SRV-216");
        refused("/v2/models/double/infer", GOOD.replace("4.5", "4,5"), 400, "SRV-217");
        refused("/v2/models/double/infer", GOOD.replace("[1,2,3,4.5]", "[1,2,3]"), 400, "SRV-217");
        refused("/v2/models/double/infer", GOOD.replace("4.5", "\"four\""), 400, "SRV-217");
        refused("/v2/models/double/infer", GOOD.replace("[1,4]", "[2000000000,2000000000,4]"), 400, "SRV-217");
        refused("/v2/models/double/infer", GOOD.replace("}]}", "}],\"outputs\":[{\"name\":\"z\"}]}"), 400, "SRV-218");
        refused(
                "/v2/models/double/infer",
                GOOD.replace("}]}", "}],\"parameters\":{\"timeout\":\"soon\"}}"),
                400,
                "SRV-219");
        refused(
                "/v2/models/double/infer",
                GOOD.replace("\"data\":[1,2,3,4.5]", "\"parameters\":{\"binary_data_size\":16}"),
                400,
                "SRV-213");
        assertThat(server.call("GET", "/v2/models/double/infer", "").statusCode())
                .isEqualTo(405);

        assertThat(server.call("POST", "/v2/models/double/infer", GOOD).statusCode())
                .isEqualTo(200);
    }

    private void refused(String path, String body, int status, String code) throws Exception {
        HttpResponse<String> response = server.call("POST", path, body);

        assertThat(response.body()).as(body).contains(code);
        assertThat(response.statusCode()).as(body).isEqualTo(status);
    }

    @Test
    void a_body_above_the_limit_is_refused_before_it_is_read() throws Exception {
        byte[] large = new byte[33 << 20];
        Arrays.fill(large, (byte) ' ');

        HttpResponse<byte[]> response = send(HttpClient.Version.HTTP_1_1, large, large.length);

        assertThat(response.statusCode()).isEqualTo(413);
        assertThat(new String(response.body(), StandardCharsets.UTF_8)).contains("SRV-212");
    }

    @Test
    void unloading_and_loading_a_model_changes_what_is_answered() throws Exception {
        assertThat(server.call("POST", "/v2/repository/models/bools/unload", "").statusCode())
                .isEqualTo(200);
        assertThat(server.call("GET", "/v2/models/bools/ready", "").statusCode())
                .isEqualTo(503);
        assertThat(server.call("POST", "/v2/repository/models/bools/load", "").statusCode())
                .isEqualTo(200);
        assertThat(server.call("GET", "/v2/models/bools/ready", "").statusCode())
                .isEqualTo(200);
        assertThat(server.call("POST", "/v2/repository/models/none/load", "").statusCode())
                .isEqualTo(404);
    }

    @Test
    void metrics_speak_the_vocabulary_of_Triton() throws Exception {
        server.call("POST", "/v2/models/double/infer", GOOD);

        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpRequest request = HttpRequest.newBuilder(
                            java.net.URI.create("http://127.0.0.1:" + server.metricsPort() + "/metrics"))
                    .build();
            String text =
                    client.send(request, HttpResponse.BodyHandlers.ofString()).body();
            assertThat(text)
                    .containsPattern("nv_inference_request_success\\{model=\"double\",version=\"1\"} [1-9]")
                    .contains("# TYPE nv_inference_count counter");
        }
    }
}
