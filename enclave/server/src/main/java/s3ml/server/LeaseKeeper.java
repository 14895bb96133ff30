package s3ml.server;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;

/// Holds the lease of this server: gets the first one, renews it in time, and says when it ran out.
///
/// A thread of its own waits for the AECS; every other part only learns of what it got.
final class LeaseKeeper implements AutoCloseable {
    /// After a failure; the AECS may just be restarting.
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    /// Longer pauses would waste a lease's last minutes.
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final KeyReleaseClient client;
    private final String service;
    private final InstantSource clock;
    private final Failures failures;
    private @Nullable Thread thread;

    /// Told when the AECS refuses or does not answer.
    interface Failures {
        void leaseFailed(S3mlException failure);
    }

    /// Told of leases after the first, on the keeper's thread.
    interface Listener {
        /// The lease is closed when the call returns.
        void renewed(Lease lease);

        /// The last lease ended; its keys must not be used.
        void expired();
    }

    LeaseKeeper(KeyReleaseClient client, String service, InstantSource clock, Failures failures) {
        this.client = client;
        this.service = service;
        this.clock = clock;
        this.failures = failures;
    }

    /// Waits for the first lease, as long as it takes; the caller closes it after [#keep].
    Lease first() throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        while (true) {
            try {
                return client.release(service);
            } catch (S3mlException failure) {
                failures.leaseFailed(failure);
                Thread.sleep(pause);
                pause = longer(pause);
            }
        }
    }

    /// Renews from now on.
    void keep(Lease first, Listener listener) {
        thread = Thread.ofVirtual().name("lease").start(() -> renewForever(first, listener));
    }

    /// @param first may be closed: only its name and times are used
    private void renewForever(Lease first, Listener listener) {
        Lease held = first;
        Duration pause = FIRST_PAUSE;
        boolean told = false;
        try {
            sleepUntil(held.renewAt());
            while (true) {
                try (Lease lease = client.renew(held)) {
                    held = lease;
                    listener.renewed(lease);
                    told = false;
                    pause = FIRST_PAUSE;
                    sleepUntil(held.renewAt());
                } catch (S3mlException failure) {
                    failures.leaseFailed(failure);
                    if (!told && !clock.instant().isBefore(held.expiresAt())) {
                        listener.expired();
                        told = true;
                    }
                    Thread.sleep(pause);
                    pause = longer(pause);
                }
            }
        } catch (InterruptedException end) {
            Thread.currentThread().interrupt();
        }
    }

    private void sleepUntil(Instant when) throws InterruptedException {
        Duration wait = Duration.between(clock.instant(), when);
        if (wait.isPositive()) {
            Thread.sleep(wait);
        }
    }

    private static Duration longer(Duration pause) {
        Duration doubled = pause.multipliedBy(2);
        return doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
    }

    @Override
    public void close() {
        if (thread != null) {
            thread.interrupt();
        }
    }
}
