package s3ml.server.engine;

import java.util.List;
import s3ml.server.tensor.InputTensor;

/// A request for one run of a model, as a protocol front end understood it.
///
/// @param id repeated in the response; may be empty
/// @param outputs empty for all
/// @param terms how it wants to be treated
public record InferenceRequest(
        ModelName model, String id, List<InputTensor> inputs, List<RequestedOutput> outputs, Terms terms)
        implements AutoCloseable {
    /// Time limit of a request that names none: longer than any model here runs, shorter than a forgotten connection.
    public static final long DEFAULT_TIMEOUT_NANOS = 60_000_000_000L;

    /// Priority of a request that names none.
    public static final int DEFAULT_PRIORITY = 4;

    public InferenceRequest {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    int priority() {
        return terms.priority();
    }

    long deadlineNanos() {
        return terms.deadlineNanos();
    }

    /// Bytes that the inputs hold while the request waits.
    public long inputBytes() {
        long sum = 0;
        for (InputTensor input : inputs) {
            sum += input.data().byteSize();
        }
        return sum;
    }

    @Override
    public void close() {
        inputs.forEach(InputTensor::close);
    }

    /// An output that the caller wants.
    ///
    /// @param classes 0 for the tensor itself; otherwise the number of best classes wanted instead of it
    public record RequestedOutput(String name, int classes) {}
}
