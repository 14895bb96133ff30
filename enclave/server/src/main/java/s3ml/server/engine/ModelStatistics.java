package s3ml.server.engine;

import java.util.Map;
import java.util.TreeMap;

/// Counters of one model version, in the vocabulary of Triton's statistics extension. Thread-safe; a lock that is
/// hardly ever contended keeps the counters of one request together.
public final class ModelStatistics {
    /// Upper bound of the first latency bucket in nanoseconds; each further one doubles it, up to 4 s.
    private static final long FIRST_BOUND = 500_000;

    private static final int BOUNDS = 14;

    private final Map<Integer, BatchTimes> batches = new TreeMap<>();
    private final long[] histogram = new long[BOUNDS + 1];
    private Times success = Times.NONE;
    private Times failure = Times.NONE;
    private long queueNanos;
    private long inferences;
    private long lastInferenceMillis;

    /// One request was answered.
    synchronized void succeeded(long requestNanos, long waitedNanos) {
        success = success.plus(requestNanos);
        queueNanos += waitedNanos;
        int bucket = 0;
        while (bucket < BOUNDS && requestNanos > bound(bucket)) {
            bucket++;
        }
        histogram[bucket]++;
    }

    /// One request was refused or failed.
    synchronized void failed(long requestNanos) {
        failure = failure.plus(requestNanos);
    }

    /// The model ran once on `size` batch elements.
    synchronized void executed(int size, BatchTimes times) {
        inferences += size;
        lastInferenceMillis = System.currentTimeMillis();
        batches.merge(size, times, BatchTimes::plus);
    }

    /// A consistent copy.
    public synchronized Snapshot snapshot() {
        BatchTimes all = batches.values().stream().reduce(new BatchTimes(0, 0, 0, 0), BatchTimes::plus);
        return new Snapshot(
                success,
                failure,
                queueNanos,
                inferences,
                all,
                Map.copyOf(batches),
                histogram.clone(),
                lastInferenceMillis);
    }

    /// Upper bound of a histogram bucket in nanoseconds; the last bucket has none.
    public static long bound(int bucket) {
        return FIRST_BOUND << bucket;
    }

    /// Number of buckets, the open one included.
    public static int buckets() {
        return BOUNDS + 1;
    }

    /// How many, and how many nanoseconds in all.
    public record Times(long count, long nanos) {
        static final Times NONE = new Times(0, 0);

        Times plus(long more) {
            return new Times(count + 1, nanos + more);
        }
    }

    /// Calls of the model and where their time went, in nanoseconds.
    public record BatchTimes(long count, long inputNanos, long inferNanos, long outputNanos) {
        BatchTimes plus(BatchTimes other) {
            return new BatchTimes(
                    count + other.count,
                    inputNanos + other.inputNanos,
                    inferNanos + other.inferNanos,
                    outputNanos + other.outputNanos);
        }
    }

    /// Cumulative since the model was loaded.
    ///
    /// @param inferences batch elements
    /// @param executions calls of the model, whatever the batch
    /// @param batches the same by batch size
    /// @param histogram answered requests by bucket of [#bound], not cumulative
    /// @param lastInferenceMillis Unix time; 0 before the first
    @SuppressWarnings("ArrayRecordComponent") // a copy, made for one reader
    public record Snapshot(
            Times success,
            Times failure,
            long queueNanos,
            long inferences,
            BatchTimes executions,
            Map<Integer, BatchTimes> batches,
            long[] histogram,
            long lastInferenceMillis) {}
}
