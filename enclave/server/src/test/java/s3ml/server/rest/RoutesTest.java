package s3ml.server.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.TestServer;
import s3ml.server.tflite.Models;

/// Every path that is known, asked in ways it does not take; and what Triton's clients ask that is not offered.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class RoutesTest {
    private TestServer server;
    private HttpClient client;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of()).with("m", Models.doubling(TensorType.FLOAT32, 1, 4));
        client = server.http(HttpClient.Version.HTTP_1_1);
    }

    private HttpResponse<String> call(String method, String path, String body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(server.uri(path))
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void each_known_path_refuses_other_methods_and_says_which_it_takes() throws Exception {
        assertThat(Routes.known()).hasSizeGreaterThan(40);
        for (Routes.Route route : Routes.known()) {
            String path = "/" + String.join("/", route.segments()).replace("*", "m");

            HttpResponse<String> response = call("DELETE", path, "");

            assertThat(response.statusCode()).as(path).isEqualTo(405);
            assertThat(response.headers().firstValue("allow")).as(path).contains(route.methods());
            assertThat(response.body()).as(path).contains("SRV-202");
        }
    }

    @Test
    void each_known_path_takes_the_methods_it_names() throws Exception {
        for (Routes.Route route : Routes.known()) {
            String path = "/" + String.join("/", route.segments()).replace("*", "m");
            for (String method : route.methods().split(", ", -1)) {
                int status = call(method, path, "").statusCode();

                assertThat(status).as(method + " " + path).isNotIn(405, 500);
            }
        }
    }

    @Test
    void the_gRPC_port_refuses_other_methods_likewise() throws Exception {
        try (HttpClient http2 = server.http(HttpClient.Version.HTTP_2)) {
            HttpRequest request = HttpRequest.newBuilder(
                            URI.create("https://127.0.0.1:" + server.grpcPort() + "/inference.GRPCInferenceService/x"))
                    .header("content-type", "application/grpc")
                    .GET()
                    .build();

            HttpResponse<String> response = http2.send(request, HttpResponse.BodyHandlers.ofString());

            assertThat(response.statusCode()).isEqualTo(405);
            assertThat(response.headers().firstValue("allow")).contains("POST");
        }
    }

    @Test
    void a_path_that_is_not_known_is_not_found_whatever_the_method() throws Exception {
        assertThat(call("DELETE", "/v2/models/m/nothing", "").statusCode()).isEqualTo(404);
        assertThat(call("GET", "/v3", "").statusCode()).isEqualTo(404);
    }

    @Test
    void shared_memory_is_answered_as_by_a_server_that_has_none() throws Exception {
        for (String kind : new String[] {"systemsharedmemory", "cudasharedmemory"}) {
            HttpResponse<String> status = call("GET", "/v2/" + kind + "/status", "");
            assertThat(status.statusCode()).isEqualTo(200);
            assertThat(status.body()).isEqualTo("[]");
            assertThat(call("GET", "/v2/" + kind + "/region/r/status", "").body())
                    .contains("SRV-208");
            assertThat(call("POST", "/v2/" + kind + "/unregister", "").statusCode())
                    .isEqualTo(200);
            HttpResponse<String> register = call("POST", "/v2/" + kind + "/region/r/register", "{}");
            assertThat(register.statusCode()).isEqualTo(501);
            assertThat(register.body()).contains("SRV-241");
        }
    }
}
