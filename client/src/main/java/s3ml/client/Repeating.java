package s3ml.client;

import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiFunction;

/// One call, perhaps sent several times: again on another connection when one was lost, or beside a slow one.
///
/// Only for calls that may be repeated without harm, as inference may.
final class Repeating<T> {
    /// The first repetition comes almost at once, since a killed replica's connections are refused immediately.
    private static final Duration FIRST_PAUSE = Duration.ofMillis(5);

    private static final int PAUSE_FACTOR = 6;

    private final Turns turns;
    private final List<InferenceTransport> transports;
    private final InferenceOptions options;
    private final RetryBudget budget;
    private final Executor executor;
    private final BiFunction<InferenceTransport, Duration, CompletableFuture<T>> call;
    private final CompletableFuture<T> result = new CompletableFuture<>();
    private final Queue<CompletableFuture<T>> attempts = new ConcurrentLinkedQueue<>();
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger failed = new AtomicInteger();
    private final long deadlineNanos;

    /// @param turns tells which connection is used first, and is told how they do
    /// @param executor runs delayed attempts
    Repeating(
            Turns turns,
            InferenceOptions options,
            RetryBudget budget,
            Executor executor,
            BiFunction<InferenceTransport, Duration, CompletableFuture<T>> call) {
        this.turns = turns;
        this.transports = turns.order();
        this.options = options;
        this.budget = budget;
        this.executor = executor;
        this.call = call;
        this.deadlineNanos = System.nanoTime() + options.timeout().toNanos();
    }

    /// Starts; cancelling the future cancels every attempt.
    CompletableFuture<T> start() {
        budget.requested();
        var unused = result.whenComplete((value, failure) -> attempts.forEach(attempt -> attempt.cancel(true)));
        attempt();
        if (options.hedgeAfter().isPositive()) {
            after(options.hedgeAfter(), this::hedge);
        }
        return result;
    }

    private void hedge() {
        if (!result.isDone() && started.get() < options.attempts() && budget.tryRepeat()) {
            attempt();
        }
    }

    private void attempt() {
        int number = started.getAndIncrement();
        InferenceTransport transport = transports.get(number % transports.size());
        Duration left = Duration.ofNanos(deadlineNanos - System.nanoTime());
        if (!left.isPositive()) {
            result.completeExceptionally(
                    TransportFault.timeout("the service, after " + number + " attempts", options.timeout(), null));
            return;
        }
        CompletableFuture<T> attempt = call.apply(transport, left);
        attempts.add(attempt);
        var unused = attempt.whenComplete((value, failure) -> {
            if (failure == null) {
                turns.answered(transport);
                result.complete(value);
            } else if (!result.isDone()) {
                failed(transport, cause(failure));
            }
        });
        if (result.isDone()) {
            attempt.cancel(true);
        }
    }

    private void failed(InferenceTransport transport, Throwable failure) {
        int failures = failed.incrementAndGet();
        if (!TransportFault.anotherReplicaMayAnswer(failure)) {
            result.completeExceptionally(failure);
            return;
        }
        turns.lost(transport);
        transport.connectionLost();
        if (started.get() < options.attempts() && budget.tryRepeat()) {
            after(FIRST_PAUSE.multipliedBy((long) Math.pow(PAUSE_FACTOR, failures - 1)), this::attempt);
        } else if (failures >= started.get()) {
            // Nothing else is under way.
            result.completeExceptionally(failure);
        }
    }

    private void after(Duration pause, Runnable step) {
        CompletableFuture.delayedExecutor(pause.toNanos(), TimeUnit.NANOSECONDS, executor)
                .execute(() -> {
                    if (!result.isDone()) {
                        step.run();
                    }
                });
    }

    private static Throwable cause(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }
}
