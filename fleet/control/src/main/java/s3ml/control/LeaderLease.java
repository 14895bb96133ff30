package s3ml.control;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/// The right to decide, among control planes that share a file: a lock which the system takes from a holder that dies.
///
/// A stand-by opens no port before it holds the lease, so that Envoy and agents, who keep their last state and connect
/// again, find one control plane or none, never two. Across machines another lease is needed (a Kubernetes Lease).
final class LeaderLease implements AutoCloseable {
    private static final Duration RETRY = Duration.ofMillis(200);

    private final FileChannel channel;

    private LeaderLease(FileChannel channel) {
        this.channel = channel;
    }

    /// Tries once; empty when another holds it.
    ///
    /// @throws IOException when the file cannot be opened
    static Optional<LeaderLease> tryAcquire(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            FileLock lock = channel.tryLock();
            if (lock != null) {
                return Optional.of(new LeaderLease(channel));
            }
        } catch (OverlappingFileLockException heldHere) {
            // By another control plane in this process, as in tests.
        }
        channel.close();
        return Optional.empty();
    }

    /// Waits until the lease is ours.
    ///
    /// @throws IOException when the file cannot be opened
    /// @throws InterruptedException when told to end meanwhile
    static LeaderLease acquire(Path file) throws IOException, InterruptedException {
        while (true) {
            Optional<LeaderLease> lease = tryAcquire(file);
            if (lease.isPresent()) {
                return lease.get();
            }
            Thread.sleep(RETRY);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
