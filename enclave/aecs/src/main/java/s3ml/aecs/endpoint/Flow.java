package s3ml.aecs.endpoint;

import io.grpc.stub.ServerCallStreamObserver;
import s3ml.aecs.Refusals;

/// Waits until a peer can take more, so that a slow one does not make the enclave hold what it has not read.
final class Flow {
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final long NANOS_PER_MILLI = 1_000_000;

    synchronized void wake() {
        notifyAll();
    }

    synchronized void awaitReady(ServerCallStreamObserver<?> peer) {
        long start = System.nanoTime();
        while (!peer.isReady()) {
            long left = (PATIENCE_NANOS - (System.nanoTime() - start)) / NANOS_PER_MILLI;
            if (left <= 0 || peer.isCancelled()) {
                throw Refusals.tooMany("the peer does not read the answer");
            }
            try {
                wait(left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw Refusals.tooMany("the call was interrupted");
            }
        }
    }
}
