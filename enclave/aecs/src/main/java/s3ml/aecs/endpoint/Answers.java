package s3ml.aecs.endpoint;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import s3ml.aecs.AuditLog;
import s3ml.aecs.Refusals;
import s3ml.attest.S3mlException;

/// Runs one call and turns its outcome into a gRPC answer: of a failure only the code leaves the enclave.
final class Answers {
    /// Calls at work at one time; more wait, and then are refused.
    private static final int MAX_AT_WORK = 64;

    private static final long PATIENCE_MILLIS = 2_000;

    private final Semaphore places = new Semaphore(MAX_AT_WORK);
    private final AuditLog audit;
    private final Counters counters;

    Answers(AuditLog audit, Counters counters) {
        this.audit = audit;
        this.counters = counters;
    }

    <T> void answer(String call, StreamObserver<T> observer, Supplier<T> work) {
        answerOnce(call, observer, () -> Optional.of(work.get()));
    }

    private <T> void answerOnce(String call, StreamObserver<T> observer, Supplier<Optional<T>> work) {
        long start = System.nanoTime();
        Optional<T> value;
        try {
            value = limited(work);
        } catch (S3mlException e) {
            counters.called(call, e.code(), System.nanoTime() - start);
            observer.onError(status(e.code()).withDescription(e.code()).asRuntimeException());
            return;
        } catch (RuntimeException e) {
            counters.called(call, "AECS-999", System.nanoTime() - start);
            audit.event("error", "internal")
                    .with("call", call)
                    .with("failure", String.valueOf(e))
                    .write();
            observer.onError(Status.INTERNAL.withDescription("AECS-999").asRuntimeException());
            return;
        }
        counters.called(call, "ok", System.nanoTime() - start);
        value.ifPresent(observer::onNext);
        observer.onCompleted();
    }

    /// As [#answer], for a call that answers in parts, each sent when the peer can take it.
    <T> void stream(String call, StreamObserver<T> observer, Consumer<Consumer<T>> work) {
        ServerCallStreamObserver<T> paced = (ServerCallStreamObserver<T>) observer;
        Flow flow = new Flow();
        paced.setOnReadyHandler(flow::wake);
        paced.setOnCancelHandler(flow::wake);
        answerOnce(call, observer, () -> {
            work.accept(part -> {
                flow.awaitReady(paced);
                paced.onNext(part);
            });
            return Optional.empty();
        });
    }

    private <T> T limited(Supplier<T> work) {
        boolean placed;
        try {
            placed = places.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            placed = false;
        }
        if (!placed) {
            throw Refusals.tooMany(MAX_AT_WORK + " calls are at work");
        }
        try {
            return work.get();
        } finally {
            places.release();
        }
    }

    private static Status status(String code) {
        return switch (code) {
            case "AECS-201" -> Status.FAILED_PRECONDITION;
            case "AECS-202" -> Status.INVALID_ARGUMENT;
            case "AECS-210", "AECS-211", "AECS-240", "AECS-241" -> Status.PERMISSION_DENIED;
            case "AECS-220", "AECS-221" -> Status.RESOURCE_EXHAUSTED;
            default -> Status.UNAVAILABLE;
        };
    }
}
