package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ServerLiveRequest;

/// Clients that never stop asking are sent to new connections, and lose no request by it.
final class ConnectionAgeTest {
    private static final String LIVE = "GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n";
    private static final Pattern LENGTH = Pattern.compile("content-length: (\\d+)");
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        Duration second = Duration.ofSeconds(1);
        ServerConfig.Limits limits =
                new ServerConfig.Limits(32 << 20, 100, 64L << 20, second, Duration.ofSeconds(10), second, second);
        server = new TestServer(Map.of(), limits).with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void an_old_connection_of_http_1_ends_with_a_reply_that_says_so() throws Exception {
        try (SSLSocket socket = server.connect(server.restPort(), "http/1.1")) {
            boolean told = false;
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (!told && System.nanoTime() - end < 0) {
                socket.getOutputStream().write(LIVE.getBytes(StandardCharsets.US_ASCII));
                String head = head(socket);
                assertThat(head).startsWith("HTTP/1.1 200");
                told = head.contains("connection: close");
                Thread.sleep(20);
            }

            assertThat(told).isTrue();
            assertThat(socket.getInputStream().readAllBytes()).isEmpty();
        }
    }

    /// Of a reply, whose body is read and dropped.
    private static String head(SSLSocket socket) throws Exception {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = socket.getInputStream().read();
            assertThat(next).isNotNegative();
            head.append((char) next);
        }
        Matcher length = LENGTH.matcher(head);
        assertThat(length.find()).isTrue();
        int bytes = Integer.parseInt(length.group(1));
        assertThat(socket.getInputStream().readNBytes(bytes)).hasSize(bytes);
        return head.toString();
    }

    @Test
    void an_old_connection_of_http_2_is_left_by_its_client_without_a_failure() throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(server.uri("/v2/health/live")).build();
        Set<String> connections = ConcurrentHashMap.newKeySet();
        try (HttpClient client = server.http(HttpClient.Version.HTTP_2)) {
            long end = System.nanoTime() + PATIENCE.toNanos();
            while (connections.size() < 3 && System.nanoTime() - end < 0) {
                HttpResponse<Void> response = client.send(request, HttpResponse.BodyHandlers.discarding());
                assertThat(response.statusCode()).isEqualTo(200);
                response.connectionLabel().ifPresent(connections::add);
                Thread.sleep(5);
            }
        }

        assertThat(connections).hasSizeGreaterThanOrEqualTo(3);
    }

    @Test
    void an_old_connection_of_grpc_is_left_by_its_client_without_a_failure() throws Exception {
        Set<String> connections = ConcurrentHashMap.newKeySet();
        Channel channel = ClientInterceptors.intercept(server.grpc(), new SeenConnections(connections));
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(channel);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (connections.size() < 3 && System.nanoTime() - end < 0) {
            assertThat(stub.withDeadlineAfter(20, TimeUnit.SECONDS)
                            .serverLive(ServerLiveRequest.getDefaultInstance())
                            .getLive())
                    .isTrue();
            Thread.sleep(5);
        }

        assertThat(connections).hasSizeGreaterThanOrEqualTo(3);
    }
}
