package s3ml.server.engine;

import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.TensorSpec;
import s3ml.server.tflite.Interpreter;

/// A loaded model version.
///
/// Its description and statistics may be read by any thread. Each of its instances belongs to one thread at a time:
/// first to the one that loads and warms it, then to one of the engine's.
public final class ServedModel {
    private final ModelSpec spec;
    private final RequestCheck check;
    private final ModelStatistics statistics = new ModelStatistics();
    private final List<ModelInstance> instances;

    private ServedModel(ModelSpec spec, List<Interpreter> interpreters) {
        this.spec = spec;
        this.check = new RequestCheck(spec);
        this.instances = interpreters.stream()
                .map(interpreter -> new ModelInstance(spec, interpreter, statistics))
                .toList();
    }

    /// Takes the interpreter over, and runs it until it is warm: first requests must not pay for lazily made kernels.
    ///
    /// @param wish as configured; batching that the model cannot do is left out
    /// @throws S3mlException if it cannot be run, `SRV-106` if a recorded input does not fit it
    public static ServedModel warmed(ModelName name, Interpreter interpreter, List<String> labels, Wish wish) {
        List<Interpreter> interpreters = new ArrayList<>(List.of(interpreter));
        try {
            WarmUp warmUp = new WarmUp(interpreter, wish.warmUp());
            boolean batches = wish.batching().maxBatch() > 1 && warmUp.canBatch();
            warmUp.run();
            for (int i = 1; i < wish.instances(); i++) {
                Interpreter another = interpreter.another();
                interpreters.add(another);
                new WarmUp(another, wish.warmUp()).run();
            }
            ModelSpec.Batching batching =
                    batches ? wish.batching() : wish.batching().alone();
            ModelSpec spec = new ModelSpec(
                    name,
                    batches ? batched(interpreter.inputs()) : interpreter.inputs(),
                    batches ? batched(interpreter.outputs()) : interpreter.outputs(),
                    labels,
                    batching);
            return new ServedModel(spec, interpreters);
        } catch (S3mlException failure) {
            interpreters.forEach(Interpreter::close);
            throw failure;
        }
    }

    /// What the operator wants of a model.
    ///
    /// @param instances that may run side by side, > 0
    public record Wish(int instances, ModelSpec.Batching batching, WarmUp.Plan warmUp) {}

    private static List<TensorSpec> batched(List<TensorSpec> specs) {
        return specs.stream()
                .map(tensor -> new TensorSpec(
                        tensor.name(), tensor.type(), tensor.shape().withBatch(-1)))
                .toList();
    }

    /// What the model promises.
    public ModelSpec spec() {
        return spec;
    }

    /// How many of its runs may be under way at once.
    public int instances() {
        return instances.size();
    }

    public ModelStatistics statistics() {
        return statistics;
    }

    RequestCheck.Checked check(InferenceRequest request) {
        return check.check(request);
    }

    /// @param index below [#instances()]
    ModelInstance instance(int index) {
        return instances.get(index);
    }

    /// Gives all memory back. No instance may run.
    void close() {
        instances.forEach(ModelInstance::close);
    }
}
