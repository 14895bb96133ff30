package s3ml.server.engine;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/// The heap that the bodies of requests may take together, while they are read and until they are answered.
///
/// Tensors that travel raw stay outside of the heap, and the queue counts them. JSON, typed lists and sealed bodies do
/// not, and some of them grow when they are read: one byte of a packed list is a number of eight. A heap that is full
/// ends the process with every request in it, so what would fill it is refused before. Thread-safe.
public final class HeapBudget {
    private final long bytes;
    private final AtomicLong taken = new AtomicLong();

    /// @param bytes for all requests together, > 0
    public HeapBudget(long bytes) {
        if (bytes <= 0) {
            throw new IllegalArgumentException("bytes must be positive: " + bytes);
        }
        this.bytes = bytes;
    }

    /// The part of a new request: nothing yet.
    public Share share() {
        return new Share();
    }

    /// One request's part. Thread-safe. Closing it gives everything back; closing it twice is harmless.
    public final class Share implements AutoCloseable {
        private long held;

        private Share() {}

        /// Takes more.
        ///
        /// @param more bytes, ≥ 0
        /// @throws RequestRefused `SRV-212` if one request may never have so much, `SRV-231` if others have it now
        public synchronized void take(long more) {
            if (more > bytes - held) {
                throw new RequestRefused(
                        Fault.TOO_LARGE,
                        "the body would take more memory than one request may have; send tensors raw, or fewer");
            }
            if (taken.addAndGet(more) > bytes) {
                taken.addAndGet(-more);
                throw RequestRefused.overloaded("other requests take the memory now", Duration.ZERO);
            }
            held += more;
        }

        /// Gives back what is no longer needed.
        ///
        /// @param less bytes, ≥ 0, at most what is held
        public synchronized void giveBack(long less) {
            long given = Math.min(less, held);
            held -= given;
            taken.addAndGet(-given);
        }

        @Override
        public synchronized void close() {
            giveBack(held);
        }
    }
}
