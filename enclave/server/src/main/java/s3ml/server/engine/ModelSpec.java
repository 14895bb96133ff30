package s3ml.server.engine;

import java.util.List;
import java.util.Map;
import s3ml.server.tensor.TensorSpec;

/// What a loaded model promises: its tensors, and how requests for it are put together.
///
/// @param inputs in the model's order; with a free first dimension when requests are batched
/// @param outputs in the model's order, likewise
/// @param labels class names by index, for the classification extension; empty when the package has none
/// @param batching how many requests one run may serve
public record ModelSpec(
        ModelName name, List<TensorSpec> inputs, List<TensorSpec> outputs, List<String> labels, Batching batching) {
    public ModelSpec {
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        labels = List.copyOf(labels);
    }

    /// Index of the input with this name, or -1.
    int input(String wanted) {
        return index(inputs, wanted);
    }

    /// Index of the output with this name, or -1.
    int output(String wanted) {
        return index(outputs, wanted);
    }

    private static int index(List<TensorSpec> specs, String wanted) {
        for (int i = 0; i < specs.size(); i++) {
            if (specs.get(i).name().equals(wanted)) {
                return i;
            }
        }
        return -1;
    }

    /// How requests share a run.
    ///
    /// @param maxBatch most batch elements of one run; 1 when the model takes exactly the shapes it declares
    /// @param maxDelayNanos how long a run waits for more requests; 0 takes what is there
    /// @param queueLimit requests that may wait; the next one is refused
    /// @param preferred numbers of elements, ascending, that need not wait for more: a model plans its memory anew for
    /// each size that differs from the last run's, so few sizes cost less; empty: as many as there are, up to
    /// `maxBatch`
    /// @param longestWaitNanos a request for which the last runs promise a longer wait is refused; 0: no such bound
    public record Batching(
            int maxBatch, long maxDelayNanos, int queueLimit, List<Integer> preferred, long longestWaitNanos) {
        /// One request a run; a queue that a client's timeout outlives.
        public static final Batching OFF = new Batching(1, 0, 64);

        /// More elements than this make one run longer than a request should wait.
        public static final int LARGEST = 1024;

        public Batching {
            preferred = List.copyOf(preferred);
            if (maxBatch < 1 || maxBatch > LARGEST || maxDelayNanos < 0 || queueLimit < 1 || longestWaitNanos < 0) {
                throw new IllegalArgumentException("batching: maxBatch must be within 1.." + LARGEST
                        + ", maxDelay and longestWait not negative, queueLimit positive");
            }
            int before = 0;
            for (int size : preferred) {
                if (size <= before || size > maxBatch) {
                    throw new IllegalArgumentException("batching: preferred must ascend within 1.." + maxBatch);
                }
                before = size;
            }
        }

        /// Without preferred sizes, and without a bound of the wait.
        public Batching(int maxBatch, long maxDelayNanos, int queueLimit) {
            this(maxBatch, maxDelayNanos, queueLimit, List.of(), 0);
        }

        /// One request a run.
        Batching alone() {
            return new Batching(1, maxDelayNanos, queueLimit, List.of(), longestWaitNanos);
        }

        /// Elements that need not wait for more.
        int enough() {
            return preferred.isEmpty() ? maxBatch : preferred.getFirst();
        }

        /// Most elements of the next run when so many wait.
        int most(int waiting) {
            int most = maxBatch;
            for (int size : preferred) {
                most = size <= waiting ? size : most;
            }
            return most;
        }
    }

    /// Settings of models by name, and of those that are not named.
    public record BatchingRules(Map<String, Batching> byModel, Batching otherwise) {
        public BatchingRules {
            byModel = Map.copyOf(byModel);
        }

        public Batching of(String model) {
            return byModel.getOrDefault(model, otherwise);
        }
    }
}
