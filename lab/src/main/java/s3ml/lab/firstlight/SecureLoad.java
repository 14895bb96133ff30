package s3ml.lab.firstlight;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceRequest;

/// A closed loop of callers over one client, so that the server always has the next request waiting.
final class SecureLoad {
    private final InferenceClient client;
    private final InferenceRequest request;
    private final int callers;

    /// @param callers that each wait for their answer before they ask again, > 0
    SecureLoad(InferenceClient client, InferenceRequest request, int callers) {
        this.client = client;
        this.request = request;
        this.callers = callers;
    }

    /// Sends exactly that many requests, one after the other.
    void send(int requests) {
        for (int i = 0; i < requests; i++) {
            client.infer(request);
        }
    }

    /// Loads the server for that long; a failed call ends the experiment.
    ///
    /// @return inferences per second
    double perSecond(Duration length) throws InterruptedException {
        AtomicLong done = new AtomicLong();
        List<RuntimeException> failures = new ArrayList<>();
        long start = System.nanoTime();
        long end = start + length.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < callers; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    while (System.nanoTime() < end) {
                        client.infer(request);
                        done.incrementAndGet();
                    }
                } catch (RuntimeException e) {
                    synchronized (failures) {
                        failures.add(e);
                    }
                }
            }));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw failures.getFirst();
        }
        return done.get() * 1e9 / (System.nanoTime() - start);
    }
}
