package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.ClientInterceptors;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.repository.ModelSettings;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelStreamInferResponse;

/// A real server that is told its share of the load, under clients who never stop asking over connections that they
/// keep.
final class ToldShareTest {
    private static final String INFER =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /// Longer than those that go are spread.
    private static final Duration WHILE = Duration.ofMillis(1500);

    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final List<Caller> callers = new ArrayList<>();
    private final HttpClient plain = HttpClient.newHttpClient();
    private volatile boolean ending;
    private TestServer server;

    /// @param connections that its calls were answered over
    private record Caller(Thread thread, Set<String> connections) {}

    private interface Call {
        /// @param connections where its connection is noted
        void run(Set<String> connections) throws Exception;
    }

    @BeforeEach
    void start() throws Exception {
        // A run waits for company: most connections have a call under way when they are asked to go.
        ModelSettings slow = TestServer.batching(64, TimeUnit.MILLISECONDS.toNanos(50), 64);
        Duration age = Duration.ofMinutes(5);
        ServerConfig.Limits limits = new ServerConfig.Limits(
                32 << 20, 100, 64L << 20, Duration.ofSeconds(2), age, age, Duration.ofSeconds(1));
        server = new TestServer(Map.of("slow", slow), limits);
        server.pack("slow", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.release();
    }

    @AfterEach
    void stop() throws Exception {
        end();
        plain.close();
        server.close();
    }

    private void end() throws InterruptedException {
        ending = true;
        for (Caller caller : callers) {
            caller.thread().join();
        }
    }

    private void call(Callable<Call> client) throws Exception {
        Call call = client.call();
        Set<String> connections = ConcurrentHashMap.newKeySet();
        callers.add(new Caller(
                Thread.ofPlatform().start(() -> {
                    while (!ending) {
                        try {
                            call.run(connections);
                        } catch (Exception failure) {
                            failures.add(failure + ", because of " + failure.getCause());
                        }
                    }
                }),
                connections));
    }

    private Call grpc() throws Exception {
        ConcurrentHashMap.KeySetView<String, Boolean> own = ConcurrentHashMap.newKeySet();
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(
                ClientInterceptors.intercept(server.grpc(), new SeenConnections(own)));
        return connections -> {
            stub.withDeadlineAfter(20, TimeUnit.SECONDS).modelInfer(request());
            connections.addAll(own);
        };
    }

    private static ModelInferRequest request() {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName("slow");
        request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(4);
        return request.addRawInputContents(ByteString.copyFrom(new byte[16])).build();
    }

    private Call rest(HttpClient.Version version) throws Exception {
        HttpClient http = server.http(version);
        HttpRequest request = HttpRequest.newBuilder(server.uri("/v2/models/slow/infer"))
                .POST(HttpRequest.BodyPublishers.ofString(INFER))
                .build();
        return connections -> {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException("HTTP " + response.statusCode() + response.body());
            }
            response.connectionLabel().ifPresent(connections::add);
        };
    }

    private int put(String share) throws Exception {
        return metricsPort("PUT", "/share", share).statusCode();
    }

    private HttpResponse<String> metricsPort(String method, String path, String body) throws Exception {
        return plain.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.metricsPort() + path))
                        .method(method, HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private OptionalInt metric(String name) throws Exception {
        return metricsPort("GET", "/metrics", "")
                .body()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .mapToInt(line -> Integer.parseInt(line.substring(name.length() + 1)))
                .findFirst();
    }

    private static void await(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as(what).isLessThan(end);
            Thread.sleep(10);
        }
    }

    private long moved() {
        return callers.stream()
                .filter(caller -> caller.connections().size() > 1)
                .count();
    }

    private void awaitAllConnected() throws InterruptedException {
        await(
                "an answer to each",
                () -> callers.stream().noneMatch(caller -> caller.connections().isEmpty()));
    }

    @Test
    void gRPC_connections_go_as_many_as_the_share_fell_by_and_no_call_fails() throws Exception {
        for (int i = 0; i < 8; i++) {
            call(this::grpc);
        }
        awaitAllConnected();
        assertThat(put("500000")).isEqualTo(200);

        assertThat(put("200000")).isEqualTo(200);
        await("six of eight moved", () -> moved() >= 6);
        Thread.sleep(WHILE);
        long moved = moved();
        end();

        assertThat(moved).isEqualTo(6);
        assertThat(callers).allMatch(caller -> caller.connections().size() <= 2);
        assertThat(metric("s3ml_connections_asked_to_go_total")).hasValue(6);
        assertThat(metric("s3ml_told_share")).hasValue(200_000);
        assertThat(failures).isEmpty();
    }

    @Test
    void connections_of_every_protocol_go_when_the_server_is_parked_and_no_call_fails() throws Exception {
        for (int i = 0; i < 2; i++) {
            call(this::grpc);
            call(() -> rest(HttpClient.Version.HTTP_2));
            call(() -> rest(HttpClient.Version.HTTP_1_1));
        }
        awaitAllConnected();
        put("10");

        put("0");
        await("all moved", () -> moved() == 6);
        Thread.sleep(WHILE);
        end();

        assertThat(callers).allMatch(caller -> caller.connections().size() == 2);
        assertThat(metric("s3ml_connections_asked_to_go_total")).hasValue(6);
        assertThat(failures).isEmpty();
    }

    @Test
    void a_share_that_rises_moves_nobody() throws Exception {
        for (int i = 0; i < 2; i++) {
            call(this::grpc);
            call(() -> rest(HttpClient.Version.HTTP_2));
        }
        awaitAllConnected();

        put("10");
        put("1000000");
        Thread.sleep(WHILE);

        assertThat(moved()).isZero();
        assertThat(metric("s3ml_connections_asked_to_go_total")).hasValue(0);
    }

    @Test
    void a_stream_that_its_client_keeps_open_holds_its_connection_no_longer_than_a_request_may_take() throws Exception {
        BlockingQueue<Status> ended = new LinkedBlockingQueue<>();
        BlockingQueue<ModelStreamInferResponse> answers = new LinkedBlockingQueue<>();
        StreamObserver<ModelInferRequest> stream = GRPCInferenceServiceGrpc.newStub(server.grpc())
                .modelStreamInfer(new StreamObserver<>() {
                    @Override
                    public void onNext(ModelStreamInferResponse answer) {
                        answers.add(answer);
                    }

                    @Override
                    public void onError(Throwable failure) {
                        ended.add(Status.fromThrowable(failure));
                    }

                    @Override
                    public void onCompleted() {
                        ended.add(Status.OK);
                    }
                });
        stream.onNext(request());
        assertThat(answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
        put("1000000");

        put("0");
        Thread.sleep(WHILE);
        stream.onNext(request());

        assertThat(answers.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
        assertThat(ended.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isNotNull();
    }

    @Test
    void what_is_no_integer_of_0_to_a_million_is_answered_400_and_changes_nothing() throws Exception {
        for (String body :
                List.of("", " ", "-1", "+1", "1000001", "10000000", "0.5", "1e2", "500\n", "five", "\u0665")) {
            assertThat(put(body)).as(body).isEqualTo(400);
            assertThat(metric("s3ml_told_share")).isEmpty();
        }
    }

    @Test
    void a_body_that_is_too_long_is_refused_and_both_ends_of_the_range_are_taken() throws Exception {
        assertThat(put("0".repeat(2000))).isEqualTo(413);
        assertThat(metric("s3ml_told_share")).isEmpty();
        assertThat(put("1000000")).isEqualTo(200);
        assertThat(metric("s3ml_told_share")).hasValue(1_000_000);
        assertThat(put("0")).isEqualTo(200);
        assertThat(metric("s3ml_told_share")).hasValue(0);
    }

    @Test
    void a_share_is_put_and_nothing_else_and_only_on_the_metrics_port() throws Exception {
        HttpResponse<String> post = metricsPort("POST", "/share", "500");
        HttpResponse<String> serving = server.call("PUT", "/share", "500");

        assertThat(post.statusCode()).isEqualTo(405);
        assertThat(post.headers().firstValue("allow")).hasValue("PUT");
        assertThat(serving.statusCode()).isEqualTo(404);
        assertThat(metric("s3ml_told_share")).isEmpty();
    }
}
