package s3ml.lab.follow;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import s3ml.attest.S3mlException;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceRequest;

/// Callers who share a client; each asks, waits for the answer, and then a little. Thread-safe. Closing it waits for
/// the last answers.
final class Callers implements AutoCloseable {
    private static final int CALLERS = 8;
    /// So that these calls leave most of the machine idle: it is not speed that is measured.
    private static final Duration PAUSE = Duration.ofMillis(40);

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicLong answered = new AtomicLong();
    private final AtomicLong failed = new AtomicLong();
    private final AtomicReference<String> failure = new AtomicReference<>("");
    private volatile boolean ending;

    Callers(InferenceClient client, InferenceRequest request) {
        for (int i = 0; i < CALLERS; i++) {
            threads.execute(() -> ask(client, request));
        }
    }

    private void ask(InferenceClient client, InferenceRequest request) {
        while (!ending) {
            try {
                client.infer(request);
                answered.incrementAndGet();
            } catch (S3mlException refused) {
                failed.incrementAndGet();
                failure.compareAndSet("", String.valueOf(refused.getMessage()));
            }
            try {
                Thread.sleep(PAUSE);
            } catch (InterruptedException stop) {
                return;
            }
        }
    }

    long answered() {
        return answered.get();
    }

    long failed() {
        return failed.get();
    }

    /// Why the first call failed, if one did.
    Optional<String> failure() {
        return Optional.of(failure.get()).filter(why -> !why.isEmpty());
    }

    @Override
    public void close() {
        ending = true;
        threads.close();
    }
}
