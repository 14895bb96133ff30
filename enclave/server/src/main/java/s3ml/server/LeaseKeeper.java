package s3ml.server;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;
import s3ml.protocol.trace.CallTrace;
import s3ml.protocol.trace.SpanFile;

/// Holds the lease of this server: gets the first one, renews it in time, and says when it ran out.
///
/// A thread of its own waits for the AECS; every other part only learns of what it got.
final class LeaseKeeper implements AutoCloseable {
    /// How long a server that is refused from its start on asks again before it ends.
    static final Duration REFUSED_PATIENCE = Duration.ofMinutes(2);

    /// After a failure; the AECS may just be restarting.
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);

    /// Longer pauses would waste a lease's last minutes.
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(15);

    private final Source source;
    private final String service;
    private final InstantSource clock;
    private final Outcomes outcomes;
    private final SpanFile spans;
    private @Nullable Thread thread;

    /// Told how each request for a lease ended.
    interface Outcomes {
        void leased(Lease lease);

        /// The AECS refuses or does not answer.
        void leaseFailed(S3mlException failure);
    }

    /// Told of leases after the first, on the keeper's thread.
    interface Listener {
        /// The lease is closed when the call returns.
        void renewed(Lease lease);

        /// The last lease ended; its keys must not be used.
        void expired();
    }

    /// Where leases come from.
    interface Source {
        /// A first lease.
        ///
        /// @throws S3mlException if the AECS refuses or does not answer
        Lease release(String service);

        /// The lease that follows.
        Lease renew(Lease lease);

        static Source of(KeyReleaseClient client) {
            return new Source() {
                @Override
                public Lease release(String service) {
                    return client.release(service);
                }

                @Override
                public Lease renew(Lease lease) {
                    return client.renew(lease);
                }
            };
        }
    }

    LeaseKeeper(Source source, String service, InstantSource clock, Outcomes outcomes, SpanFile spans) {
        this.source = source;
        this.service = service;
        this.clock = clock;
        this.outcomes = outcomes;
        this.spans = spans;
    }

    /// Waits for the first lease; the caller closes it after [#keep]. Waits as long as it takes for an AECS that does
    /// not answer. One that refuses is asked again for a while, because an owner may still be setting the policy.
    ///
    /// @throws S3mlException the refusal, when the AECS refused for [#REFUSED_PATIENCE]
    Lease first() throws InterruptedException {
        Duration pause = FIRST_PAUSE;
        Instant refusedFrom = Instant.MAX;
        while (true) {
            try {
                return asked(() -> source.release(service));
            } catch (S3mlException failure) {
                Instant now = clock.instant();
                refusedFrom = !isRefusal(failure) ? Instant.MAX : refusedFrom.isAfter(now) ? now : refusedFrom;
                if (isRefusal(failure) && Duration.between(refusedFrom, now).compareTo(REFUSED_PATIENCE) >= 0) {
                    throw failure;
                }
                Thread.sleep(pause);
                pause = longer(pause);
            }
        }
    }

    /// Asks as a trace of its own, whose id the AECS writes into its lines about it.
    private Lease asked(Supplier<Lease> request) {
        SpanFile.Span span = spans.root("lease");
        return CallTrace.during(span.context(), () -> {
            try {
                Lease lease = request.get();
                span.end();
                outcomes.leased(lease);
                return lease;
            } catch (S3mlException failure) {
                span.end(failure.code());
                outcomes.leaseFailed(failure);
                throw failure;
            }
        });
    }

    private static boolean isRefusal(S3mlException failure) {
        return failure.getCause() instanceof StatusRuntimeException answer
                && answer.getStatus().getCode() == Status.Code.PERMISSION_DENIED;
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
                Lease asking = held;
                try (Lease lease = asked(() -> source.renew(asking))) {
                    held = lease;
                    pass(lease, listener);
                    told = false;
                    pause = FIRST_PAUSE;
                    sleepUntil(held.renewAt());
                } catch (S3mlException failure) {
                    if (!told && hasEnded(failure, clock.instant(), held.expiresAt())) {
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

    /// A lease that the server cannot use is told as one that it did not get.
    private void pass(Lease lease, Listener listener) {
        try {
            listener.renewed(lease);
        } catch (S3mlException failure) {
            outcomes.leaseFailed(failure);
            throw failure;
        }
    }

    /// Its time is up, or the AECS took it back before.
    static boolean hasEnded(S3mlException failure, Instant now, Instant expiresAt) {
        return KeyReleaseClient.endsLease(failure) || !now.isBefore(expiresAt);
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
