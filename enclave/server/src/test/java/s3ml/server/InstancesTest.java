package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceEngine;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.ModelUse;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.ServedModel;
import s3ml.server.engine.WarmUp;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorData;
import s3ml.server.tflite.Interpreter;
import s3ml.server.tflite.Models;

/// Several instances of a model that run side by side.
final class InstancesTest {
    private static final ModelName NAME = new ModelName("double", "1");

    private static ServedModel model(int instances) {
        return ServedModel.warmed(
                NAME,
                Interpreter.open(Models.buffer(Models.doubling(TensorType.FLOAT32, 1)), 1),
                List.of(),
                new ServedModel.Wish(instances, ModelSpec.Batching.OFF, new WarmUp.Plan(1, Map.of())));
    }

    private static CompletableFuture<Float> infer(InferenceEngine engine, ServedModel model, float value) {
        byte[] data = ByteBuffer.allocate(Float.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putFloat(value)
                .array();
        InputTensor input = new InputTensor("x", DataType.FP32, Shape.of(1), TensorData.of(data));
        InferenceRequest request =
                new InferenceRequest(NAME, "", List.of(input), List.of(), Outcome.within(TimeUnit.MINUTES.toNanos(1)));
        Outcome outcome = new Outcome();
        engine.submit(model, request, outcome);
        return outcome.result()
                .thenApply(result -> result.outputs().getFirst().data().getFloat(0));
    }

    /// Each run waits for as many others as `together` says; one that is alone is answered with a failure.
    private static ModelUse meeting(CyclicBarrier together) {
        return new ModelUse() {
            @Override
            public void attached(ModelName model) {}

            @Override
            public void runs(ModelName model) {
                try {
                    together.await(20, TimeUnit.SECONDS);
                } catch (InterruptedException | BrokenBarrierException | TimeoutException alone) {
                    throw new RequestRefused(Fault.MODEL_FAILED, "ran alone");
                }
            }

            @Override
            public void detached(ModelName model) {}
        };
    }

    @Test
    void as_many_runs_as_instances_are_under_way_at_once() throws Exception {
        ServedModel model = model(2);
        try (InferenceEngine engine = new InferenceEngine(1 << 20, 2, meeting(new CyclicBarrier(2)))) {
            engine.attach(model);

            CompletableFuture<Float> first = infer(engine, model, 1);
            CompletableFuture<Float> second = infer(engine, model, 2);

            assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(2f);
            assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(4f);
        }
    }

    @Test
    void each_request_gets_its_own_answer() throws Exception {
        ServedModel model = model(3);
        try (InferenceEngine engine = new InferenceEngine(1 << 20, 3, ModelUse.UNWATCHED)) {
            engine.attach(model);
            for (int round = 0; round < 20; round++) {
                List<CompletableFuture<Float>> answers = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    answers.add(infer(engine, model, i));
                }
                for (int i = 0; i < answers.size(); i++) {
                    assertThat(answers.get(i).get(30, TimeUnit.SECONDS)).isEqualTo(2f * i);
                }
            }
            assertThat(model.statistics().snapshot().success().count()).isEqualTo(1000);
            // A model is gone when the last run, which answers a moment before it is over, is.
            engine.detach(model).get(30, TimeUnit.SECONDS);
            assertThat(engine.pending()).isZero();
        }
    }

    @Test
    void a_model_goes_when_the_last_of_its_runs_is_over() throws Exception {
        ServedModel model = model(2);
        CyclicBarrier together = new CyclicBarrier(3);
        try (InferenceEngine engine = new InferenceEngine(1 << 20, 2, meeting(together))) {
            engine.attach(model);
            CompletableFuture<Float> first = infer(engine, model, 1);
            CompletableFuture<Float> second = infer(engine, model, 2);
            while (engine.waiting(model) > 0) {
                Thread.onSpinWait();
            }

            CompletableFuture<Void> gone = engine.detach(model);
            assertThat(gone).isNotDone();
            together.await(20, TimeUnit.SECONDS);

            gone.get(30, TimeUnit.SECONDS);
            assertThat(first.get(30, TimeUnit.SECONDS)).isEqualTo(2f);
            assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(4f);
        }
    }
}
