package s3ml.server;

import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import s3ml.server.engine.Answer;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.Terms;

/// What becomes of a request that a test hands to the engine itself. Thread-safe.
final class Outcome implements Answer {
    private final CompletableFuture<InferenceResult> result = new CompletableFuture<>();
    private volatile boolean abandoned;

    /// The terms of a request that has this much time, and asks for nothing else.
    static Terms within(long nanos) {
        return new Terms(
                InferenceRequest.DEFAULT_PRIORITY, System.nanoTime() + nanos, Optional.empty(), "", Optional.empty());
    }

    @Override
    public void succeed(InferenceResult answered) {
        result.complete(answered);
    }

    @Override
    public void refuse(RequestRefused refused) {
        result.completeExceptionally(refused);
    }

    @Override
    public boolean abandoned() {
        return abandoned;
    }

    /// From here on nobody waits for the answer.
    void abandon() {
        abandoned = true;
    }

    /// Completed with the answer, or exceptionally with [RequestRefused].
    CompletableFuture<InferenceResult> result() {
        return result;
    }

    Fault fault() {
        return refusal().fault();
    }

    RequestRefused refusal() {
        return (RequestRefused) result.exceptionNow();
    }
}
