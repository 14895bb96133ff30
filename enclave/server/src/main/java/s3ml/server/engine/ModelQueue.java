package s3ml.server.engine;

import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/// Requests that wait for one model. Not thread-safe: the engine's lock guards it.
final class ModelQueue {
    private final ServedModel model;
    private final ModelSpec.Batching batching;
    private final PriorityQueue<Pending> waiting = new PriorityQueue<>(
            Comparator.comparingInt((Pending pending) -> pending.request().priority())
                    .thenComparing(Pending::since, (a, b) -> Long.signum(a - b)));
    private int elements;
    private long nanosPerRequest;
    private int runs;
    private @Nullable Runnable atEnd;

    ModelQueue(ServedModel model) {
        this.model = model;
        this.batching = model.spec().batching();
    }

    ServedModel model() {
        return model;
    }

    int size() {
        return waiting.size();
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    boolean isFull() {
        return waiting.size() >= batching.queueLimit();
    }

    /// Whether a request that would wait so long is not worth taking.
    boolean isTooLong(long waitNanos) {
        return waitNanos > longestWaitNanos();
    }

    /// The wait that is worth taking a request for; [Long#MAX_VALUE] for any.
    long longestWaitNanos() {
        return batching.longestWaitNanos() > 0 ? batching.longestWaitNanos() : Long.MAX_VALUE;
    }

    /// How many requests more would be taken.
    ///
    /// @param waitNanos of the next one, by the last runs
    /// @param instances that run side by side
    long room(long waitNanos, int instances) {
        long places = ending() ? 0 : Math.max(0, batching.queueLimit() - waiting.size());
        if (batching.longestWaitNanos() == 0 || nanosPerRequest == 0) {
            return places;
        }
        long spare = batching.longestWaitNanos() - waitNanos;
        return spare < 0 ? 0 : Math.min(places, 1 + spare * instances / nanosPerRequest);
    }

    /// Whether the model is going away.
    boolean ending() {
        return atEnd != null;
    }

    /// What to do when the last request was answered.
    void whenEmpty(Runnable action) {
        atEnd = action;
    }

    /// Does what is to be done at the end, if the model is going away and nothing of it waits or runs.
    void finishIfIdle() {
        if (atEnd != null && waiting.isEmpty() && runs == 0) {
            atEnd.run();
        }
    }

    /// Returns whether it was empty before.
    boolean add(Pending pending) {
        waiting.add(pending);
        elements += pending.checked().batch();
        return waiting.size() == 1;
    }

    /// What a request took in the last runs; 0 before the first.
    long nanosPerRequest() {
        return nanosPerRequest;
    }

    /// One of the runs that [#take] began is over. What it took moves the average over about eight.
    ///
    /// @param nanos of each request; 0 if the model did not run
    void ran(long nanos) {
        runs--;
        if (nanos > 0) {
            nanosPerRequest = nanosPerRequest == 0 ? nanos : nanosPerRequest + (nanos - nanosPerRequest) / 8;
        }
        finishIfIdle();
    }

    /// How long the next run should still wait for company; not positive when it should start. The queue is not empty.
    long delayNanos(long now) {
        if (elements >= batching.enough() || batching.maxDelayNanos() == 0) {
            return 0;
        }
        long oldest = now;
        for (Pending pending : waiting) {
            oldest = pending.since() - oldest < 0 ? pending.since() : oldest;
        }
        return oldest + batching.maxDelayNanos() - now;
    }

    /// Moves the requests of the next run to `batch`: the first, and those after it that may join it.
    void take(List<Pending> batch) {
        runs++;
        int most = batching.most(elements);
        Pending first = waiting.remove();
        batch.add(first);
        int size = first.checked().batch();
        while (!waiting.isEmpty()) {
            Pending next = waiting.element();
            int joined = size + next.checked().batch();
            if (batching.maxBatch() == 1 || joined > most || !first.checked().joins(next.checked())) {
                break;
            }
            batch.add(waiting.remove());
            size = joined;
        }
        elements -= size;
    }
}
