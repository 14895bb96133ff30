package s3ml.aecs.replica;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import s3ml.aecs.Aecs;
import s3ml.attest.S3mlException;
import s3ml.protocol.Endpoint;
import s3ml.wire.aecs.NewestHeadRequest;
import s3ml.wire.aecs.ReplicationGrpc;

/// Keeps a replica up to date with the store, and compares its head with those of its peers, so that a store which
/// shows two replicas two histories is found out. One thread, until closed.
public final class HeadWatch implements AutoCloseable {
    private static final Duration REFRESH = Duration.ofMillis(500);
    /// Every so many refreshes peers are asked.
    private static final int ROUNDS_PER_COMPARISON = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Aecs aecs;
    private final List<ManagedChannel> peers = new ArrayList<>();
    private final Thread thread;

    private HeadWatch(Aecs aecs, List<Endpoint> peers) {
        this.aecs = aecs;
        peers.forEach(peer -> this.peers.add(PeerChannels.open(peer)));
        this.thread = Thread.ofVirtual().name("head-watch").unstarted(this::run);
    }

    /// Starts to watch; with no peers it only follows the store.
    public static HeadWatch start(Aecs aecs, List<Endpoint> peers) {
        HeadWatch watch = new HeadWatch(aecs, peers);
        watch.thread.start();
        return watch;
    }

    private void run() {
        for (int round = 0; aecs.state().broken().isEmpty(); round++) {
            try {
                Thread.sleep(REFRESH);
                aecs.state().refresh();
                if (round % ROUNDS_PER_COMPARISON == 0) {
                    peers.forEach(this::compare);
                }
            } catch (InterruptedException e) {
                return;
            } catch (S3mlException e) {
                aecs.audit()
                        .event(aecs.state().broken().isPresent() ? "error" : "warn", "state-not-refreshed")
                        .with("reason", String.valueOf(e.getMessage()))
                        .write();
            }
        }
    }

    private void compare(ManagedChannel peer) {
        byte[] head;
        try {
            head = ReplicationGrpc.newBlockingStub(peer)
                    .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .newestHead(NewestHeadRequest.newBuilder()
                            .setKnownHead(aecs.state().signedHead())
                            .build())
                    .getHead()
                    .toByteArray();
        } catch (StatusRuntimeException e) {
            // A peer that is away has nothing to say; its own watch and the metrics show that.
            return;
        }
        try {
            aecs.state().compare(head);
        } catch (S3mlException e) {
            if (aecs.state().broken().isPresent()) {
                throw e;
            }
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        peers.forEach(ManagedChannel::shutdownNow);
    }
}
