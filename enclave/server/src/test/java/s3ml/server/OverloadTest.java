package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.RequestRefused;
import s3ml.server.repository.ModelSettings;
import s3ml.server.repository.VersionPolicy;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorData;
import s3ml.server.tflite.Models;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;

/// Queues, deadlines, batches and unloading, with many requests at once.
final class OverloadTest {
    @SuppressWarnings("NullAway.Init") // each test makes its own
    private TestServer server;

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static InferenceRequest request(float value, int rows, long timeoutNanos) {
        ByteBuffer data = ByteBuffer.allocate(16 * rows).order(ByteOrder.LITTLE_ENDIAN);
        while (data.hasRemaining()) {
            data.putFloat(value);
        }
        InputTensor input = new InputTensor("x", DataType.FP32, Shape.of(rows, 4), TensorData.of(data.array()));
        return new InferenceRequest(
                ModelName.anyVersionOf("double"), "", List.of(input), List.of(), Outcome.within(timeoutNanos));
    }

    private Outcome infer(InferenceRequest request) {
        Outcome outcome = new Outcome();
        server.serving().infer(request, outcome);
        return outcome;
    }

    @Test
    void requests_that_wait_together_share_a_run_and_each_gets_its_own_rows() throws Exception {
        server = new TestServer(Map.of("double", TestServer.batching(16, TimeUnit.SECONDS.toNanos(5), 64)))
                .with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        List<Outcome> outcomes = new ArrayList<>();

        for (int i = 1; i <= 8; i++) {
            outcomes.add(infer(request(i, 2, TimeUnit.SECONDS.toNanos(30))));
        }

        for (int i = 1; i <= 8; i++) {
            InferenceResult result = outcomes.get(i - 1).result().get(30, TimeUnit.SECONDS);
            assertThat(result.outputs().getFirst().shape()).isEqualTo(Shape.of(2, 4));
            assertThat(result.outputs().getFirst().data().getFloat(28)).isEqualTo(2f * i);
        }
        var statistics = server.repository().ready().getFirst().statistics().snapshot();
        assertThat(statistics.executions().count()).isEqualTo(1);
        assertThat(statistics.batches()).containsKey(16);
    }

    @Test
    void a_lone_request_waits_no_longer_than_the_delay() throws Exception {
        server = new TestServer(Map.of("double", TestServer.batching(16, TimeUnit.MILLISECONDS.toNanos(20), 64)))
                .with("double", Models.doubling(TensorType.FLOAT32, 1, 4));

        InferenceResult result =
                infer(request(1, 1, TimeUnit.SECONDS.toNanos(30))).result().get(10, TimeUnit.SECONDS);

        assertThat(result.outputs().getFirst().data().getFloat(0)).isEqualTo(2f);
    }

    @Test
    void a_full_queue_refuses_at_once_and_goes_on_afterwards() throws Exception {
        server = new TestServer(Map.of("double", TestServer.batching(64, TimeUnit.SECONDS.toNanos(1), 4)))
                .with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        List<Outcome> outcomes = new ArrayList<>();

        for (int i = 0; i < 10; i++) {
            outcomes.add(infer(request(1, 1, TimeUnit.SECONDS.toNanos(30))));
        }

        assertThat(outcomes.subList(4, 10)).allMatch(outcome -> outcome.fault() == Fault.OVERLOADED);
        for (Outcome outcome : outcomes.subList(0, 4)) {
            outcome.result().get(30, TimeUnit.SECONDS);
        }
        infer(request(1, 1, TimeUnit.SECONDS.toNanos(30))).result().get(30, TimeUnit.SECONDS);
    }

    @Test
    void while_the_queue_stays_full_a_call_is_refused_by_its_headers() throws Exception {
        ServerConfig.Limits few = new ServerConfig.Limits(
                32 << 20,
                100,
                1_000,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30));
        server = new TestServer(Map.of("double", TestServer.batching(1024, TimeUnit.SECONDS.toNanos(5), 1024)), few)
                .with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub =
                GRPCInferenceServiceGrpc.newBlockingStub(server.grpc());
        ModelInferRequest unknown =
                ModelInferRequest.newBuilder().setModelName("absent").build();
        StatusRuntimeException before =
                catchThrowableOfType(StatusRuntimeException.class, () -> stub.modelInfer(unknown));

        List<Outcome> waiting = new ArrayList<>();
        while (server.serving().engine().outlook().room() > 0) {
            waiting.add(infer(request(1, 1, TimeUnit.SECONDS.toNanos(30))));
        }
        // That there is no such model is said by the message, which is not read.
        StatusRuntimeException refused =
                catchThrowableOfType(StatusRuntimeException.class, () -> stub.modelInfer(unknown));

        assertThat(before.getStatus().getCode()).isEqualTo(Status.Code.NOT_FOUND);
        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
        assertThat(Objects.requireNonNull(refused.getTrailers()).keys()).contains("grpc-retry-pushback-ms");
        for (Outcome outcome : waiting) {
            outcome.result().get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void a_refusal_names_the_time_after_which_the_queue_will_be_empty() throws Exception {
        ModelSettings alone = TestServer.batching(1, 0, 60);
        server = new TestServer(Map.of("detector", alone)).with("detector", Models.detector());
        Outcome first = infer(frame());
        first.result().get(30, TimeUnit.SECONDS);
        List<Outcome> waiting = new ArrayList<>();
        Outcome refused = infer(frame());

        while (!refused.result().isCompletedExceptionally()) {
            waiting.add(refused);
            refused = infer(frame());
        }

        assertThat(refused.refusal().retryAfterSeconds()).isBetween(1L, 60L);
        waiting.forEach(Outcome::abandon);
    }

    @Test
    void the_queue_holds_what_the_last_runs_promise_to_answer_in_time() throws Exception {
        ModelSettings bounded = new ModelSettings(
                new VersionPolicy.Latest(1),
                new ModelSpec.Batching(
                        1, 0, 10_000, List.of(), Duration.ofMillis(300).toNanos()),
                1,
                Map.of(),
                Map.of());
        server = new TestServer(Map.of("detector", bounded)).with("detector", Models.detector());
        infer(frame()).result().get(30, TimeUnit.SECONDS);
        List<Outcome> waiting = new ArrayList<>();
        Outcome refused = infer(frame());

        while (!refused.result().isCompletedExceptionally()) {
            waiting.add(refused);
            refused = infer(frame());
        }

        assertThat(refused.fault()).isEqualTo(Fault.OVERLOADED);
        assertThat(refused.refusal()).hasMessageContaining("longer than this model allows");
        waiting.forEach(Outcome::abandon);
    }

    @Test
    void a_wait_is_told_in_whole_seconds_of_at_most_a_minute() throws Exception {
        server = new TestServer(Map.of());

        assertThat(RequestRefused.overloaded("x", Duration.ZERO).retryAfterSeconds())
                .isEqualTo(1);
        assertThat(RequestRefused.overloaded("x", Duration.ofMillis(2300)).retryAfterSeconds())
                .isEqualTo(3);
        assertThat(RequestRefused.overloaded("x", Duration.ofMinutes(5)).retryAfterSeconds())
                .isEqualTo(60);
    }

    private InferenceRequest frame() {
        String name = server.repository()
                .ready()
                .getFirst()
                .spec()
                .inputs()
                .getFirst()
                .name();
        Shape shape = Shape.of(1, 300, 300, 3);
        InputTensor input = new InputTensor(name, DataType.FP32, shape, TensorData.of(new byte[4 * 300 * 300 * 3]));
        return new InferenceRequest(
                ModelName.anyVersionOf("detector"),
                "",
                List.of(input),
                List.of(),
                Outcome.within(TimeUnit.SECONDS.toNanos(60)));
    }

    @Test
    void a_run_starts_with_the_preferred_number_and_takes_no_more() throws Exception {
        ModelSettings preferred = new ModelSettings(
                new VersionPolicy.Latest(1),
                new ModelSpec.Batching(16, TimeUnit.MILLISECONDS.toNanos(400), 64, List.of(3, 6), 0),
                1,
                Map.of(),
                Map.of());
        server = new TestServer(Map.of("double", preferred)).with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        List<Outcome> outcomes = new ArrayList<>();

        outcomes.add(infer(request(1, 7, TimeUnit.SECONDS.toNanos(30))));
        for (int i = 0; i < 8; i++) {
            outcomes.add(infer(request(i, 1, TimeUnit.SECONDS.toNanos(30))));
        }

        for (Outcome outcome : outcomes) {
            outcome.result().get(30, TimeUnit.SECONDS);
        }
        assertThat(server.repository()
                        .ready()
                        .getFirst()
                        .statistics()
                        .snapshot()
                        .batches()
                        .keySet())
                .allMatch(size -> size == 7 || size == 3 || size == 6 || size <= 2);
    }

    @Test
    void a_request_whose_time_ran_out_is_not_run() throws Exception {
        server = new TestServer(Map.of("double", TestServer.batching(64, TimeUnit.MILLISECONDS.toNanos(300), 64)))
                .with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        Outcome late = infer(request(1, 1, TimeUnit.MILLISECONDS.toNanos(1)));
        Outcome patient = infer(request(1, 1, TimeUnit.SECONDS.toNanos(30)));

        patient.result().get(30, TimeUnit.SECONDS);

        assertThat(late.fault()).isEqualTo(Fault.DEADLINE_EXCEEDED);
    }

    @Test
    void a_batch_above_the_limit_is_refused() throws Exception {
        server = new TestServer(Map.of("double", TestServer.batching(4, 0, 64)))
                .with("double", Models.doubling(TensorType.FLOAT32, 1, 4));

        assertThat(infer(request(1, 5, TimeUnit.SECONDS.toNanos(30))).fault()).isEqualTo(Fault.WRONG_SHAPE);
    }

    @Test
    void unloading_answers_what_waits_first() throws Exception {
        server = new TestServer(Map.of("double", TestServer.batching(64, TimeUnit.MILLISECONDS.toNanos(300), 64)))
                .with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        Outcome waiting = infer(request(1, 1, TimeUnit.SECONDS.toNanos(30)));

        CompletableFuture<Void> unloaded = server.repository().unload("double");

        assertThat(waiting.result()
                        .get(30, TimeUnit.SECONDS)
                        .outputs()
                        .getFirst()
                        .data()
                        .getFloat(0))
                .isEqualTo(2f);
        unloaded.get(30, TimeUnit.SECONDS);
        assertThat(infer(request(1, 1, TimeUnit.SECONDS.toNanos(30))).fault()).isEqualTo(Fault.MODEL_NOT_READY);
    }
}
