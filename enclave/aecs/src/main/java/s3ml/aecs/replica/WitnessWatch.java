package s3ml.aecs.replica;

import java.time.Duration;
import s3ml.aecs.Aecs;
import s3ml.attest.S3mlException;

/// Shows the witnesses the log while it grows, and once more at the end, so that what they know is at most seconds old.
/// One thread, until closed.
public final class WitnessWatch implements AutoCloseable {
    /// What is done within this time before a sudden end can be rolled back unseen by the witnesses.
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    private final Aecs aecs;
    private final Witnesses witnesses;
    private final Thread thread;

    private WitnessWatch(Aecs aecs) {
        this.aecs = aecs;
        this.witnesses = Witnesses.of(aecs.config().witnesses(), aecs.state(), aecs.root(), aecs.context());
        this.thread = Thread.ofVirtual().name("witness-watch").unstarted(this::run);
    }

    /// Shows nothing yet.
    public static WitnessWatch of(Aecs aecs) {
        return new WitnessWatch(aecs);
    }

    /// Starts to show; without witnesses it does nothing. To be called once.
    public void start() {
        if (!aecs.config().witnesses().all().isEmpty()) {
            thread.start();
        }
    }

    /// Entries of the log that every witness has signed, as far as this process knows; 0 where there is no witness.
    /// Thread-safe.
    public long coSigned() {
        return witnesses.coSigned();
    }

    private void run() {
        while (!Thread.interrupted() && aecs.state().broken().isEmpty()) {
            show();
            try {
                Thread.sleep(INTERVAL);
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void show() {
        try {
            witnesses.show();
        } catch (S3mlException e) {
            aecs.audit()
                    .event(aecs.state().broken().isPresent() ? "error" : "warn", "log-not-shown")
                    .with("reason", String.valueOf(e.getMessage()))
                    .write();
        }
    }

    /// Call when nothing is served any more, and before the state is closed.
    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
            if (aecs.state().broken().isEmpty()) {
                show();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        witnesses.close();
    }
}
