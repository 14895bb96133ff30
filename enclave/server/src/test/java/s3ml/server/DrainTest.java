package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.grpc.Context;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.repository.ModelSettings;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;

/// The end of a server under load, and the end of a caller's patience.
final class DrainTest {
    private static final String INFER =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        // A run waits for company: what is under test lies in the queue for a while.
        ModelSettings slow = TestServer.batching(64, TimeUnit.MILLISECONDS.toNanos(300), 64);
        server = new TestServer(Map.of("slow", slow));
        server.pack("double", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("slow", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.release();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static ModelInferRequest request(String model) {
        ModelInferRequest.Builder request = ModelInferRequest.newBuilder().setModelName(model);
        request.addInputsBuilder().setName("x").setDatatype("FP32").addShape(1).addShape(4);
        return request.addRawInputContents(ByteString.copyFrom(new byte[16])).build();
    }

    @Test
    void a_server_that_ends_under_load_answers_every_request_it_was_sent() throws Exception {
        ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        AtomicInteger answered = new AtomicInteger();
        List<Thread> clients = new ArrayList<>();
        List<AutoCloseable> resources = new ArrayList<>();
        for (String model : new String[] {"double", "slow"}) {
            for (HttpClient.Version version : List.of(HttpClient.Version.HTTP_1_1, HttpClient.Version.HTTP_2)) {
                HttpClient http = server.http(version);
                resources.add(http::shutdownNow);
                HttpRequest request = HttpRequest.newBuilder(server.uri("/v2/models/" + model + "/infer"))
                        .POST(HttpRequest.BodyPublishers.ofString(INFER))
                        .build();
                clients.add(client(failures, answered, () -> {
                    HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
                    return response.statusCode() == 200 ? "" : "HTTP " + response.statusCode() + response.body();
                }));
            }
            var stub = GRPCInferenceServiceGrpc.newBlockingStub(server.grpc());
            clients.add(client(failures, answered, () -> {
                stub.modelInfer(request(model));
                return "";
            }));
        }
        while (answered.get() < 60) {
            Thread.sleep(5);
        }

        server.server().close();

        for (Thread client : clients) {
            client.join(30_000);
            assertThat(client.isAlive()).isFalse();
        }
        for (AutoCloseable resource : resources) {
            resource.close();
        }
        assertThat(failures).isEmpty();
    }

    /// Asks until the server takes no connection any more.
    private static Thread client(
            ConcurrentLinkedQueue<String> failures, AtomicInteger answered, Callable<String> request) {
        return Thread.ofPlatform().start(() -> {
            while (true) {
                try {
                    String failure = request.call();
                    if (!failure.isEmpty()) {
                        failures.add(failure);
                        return;
                    }
                    answered.incrementAndGet();
                } catch (Exception ended) {
                    if (!refused(ended)) {
                        failures.add(ended + ", because of " + ended.getCause());
                    }
                    return;
                }
            }
        });
    }

    private static boolean refused(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ConnectException) {
                return true;
            }
        }
        return false;
    }

    @Test
    void a_call_that_its_client_takes_back_is_not_run() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newFutureStub(server.grpc());
        Context.CancellableContext patience = Context.current().withCancellation();
        CountDownLatch sent = new CountDownLatch(1);
        patience.run(() -> {
            var unused = stub.modelInfer(request("slow"));
            sent.countDown();
        });
        sent.await();
        await("slow", 1);

        patience.cancel(null);

        awaitFailure("slow");
        assertThat(executions("slow")).isZero();
    }

    @Test
    void a_call_whose_deadline_passes_while_it_waits_is_not_run() throws Exception {
        var stub = GRPCInferenceServiceGrpc.newBlockingStub(server.grpc());
        Status.Code code;
        try {
            stub.withDeadlineAfter(100, TimeUnit.MILLISECONDS).modelInfer(request("slow"));
            code = Status.Code.OK;
        } catch (StatusRuntimeException refused) {
            code = refused.getStatus().getCode();
        }

        assertThat(code).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
        awaitFailure("slow");
        assertThat(executions("slow")).isZero();
    }

    @Test
    void a_request_whose_connection_is_gone_is_not_run() throws Exception {
        try (SSLSocket socket = server.connect(server.restPort(), "http/1.1")) {
            send(socket);
            await("slow", 1);
        }

        awaitFailure("slow");
        assertThat(executions("slow")).isZero();
    }

    private static void send(SSLSocket socket) throws IOException {
        String message = "POST /v2/models/slow/infer HTTP/1.1\r\nhost: x\r\ncontent-length: " + INFER.length()
                + "\r\n\r\n" + INFER;
        socket.getOutputStream().write(message.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private void await(String model, int waiting) throws InterruptedException {
        while (server.serving().engine().waiting(server.repository().find(name(model))) < waiting) {
            Thread.sleep(2);
        }
    }

    private void awaitFailure(String model) throws InterruptedException {
        for (int i = 0; i < 1000 && failures(model) == 0; i++) {
            Thread.sleep(5);
        }
        assertThat(failures(model)).isEqualTo(1);
    }

    private long failures(String model) {
        return server.repository()
                .find(name(model))
                .statistics()
                .snapshot()
                .failure()
                .count();
    }

    private long executions(String model) {
        return server.repository()
                .find(name(model))
                .statistics()
                .snapshot()
                .executions()
                .count();
    }

    private static s3ml.server.engine.ModelName name(String model) {
        return s3ml.server.engine.ModelName.anyVersionOf(model);
    }
}
