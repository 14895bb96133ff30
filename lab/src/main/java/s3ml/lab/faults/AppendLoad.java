package s3ml.lab.faults;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.S3mlException;

/// Several replicas of one AECS state in this process, each over its own connection to one store, that all write until
/// they are told to stop: each change puts a record and logs its number.
///
/// A replica whose state is out of use is opened again from the store, as a restarted process would.
final class AppendLoad implements AutoCloseable {
    /// What the load did and what was left of it.
    ///
    /// @param attempted changes that were begun
    /// @param acknowledged changes that the state reported as durable
    /// @param lost acknowledged changes that are not in the log, or whose record is gone
    /// @param duplicates changes that stand in the log more than once
    /// @param accusations failures that accuse the store of lying
    record Outcome(long attempted, long acknowledged, long lost, long duplicates, List<String> accusations) {}

    private final RootSecret root;
    private final Supplier<RecordStore> stores;
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong nextId = new AtomicLong();
    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    private final List<String> accusations = new ArrayList<>();
    private final LoadThreads threads = new LoadThreads();

    /// Creates the state in the empty store.
    ///
    /// @param stores opens one connection for each replica
    AppendLoad(RootSecret root, Supplier<RecordStore> stores) {
        this.root = root;
        this.stores = stores;
        try (RecordStore store = stores.get();
                SealedState state =
                        SealedState.create(store, root, random, InstantSource.system(), Survivors::create)) {
            state.head();
        }
    }

    /// Starts the replicas, each with one writer.
    AppendLoad start(int replicas) {
        for (int i = 0; i < replicas; i++) {
            threads.start("replica-" + i, this::replica);
        }
        return this;
    }

    /// Loads the whole state as a starting replica does, while the others write.
    void startAnother() {
        try (RecordStore store = stores.get();
                SealedState state = SealedState.open(store, root, random, InstantSource.system(), null)) {
            state.head();
        } catch (S3mlException e) {
            note(e);
        }
    }

    /// Changes acknowledged so far.
    long acknowledged() {
        return acknowledged.size();
    }

    /// Waits until `more` further changes were acknowledged; false if that takes longer than `seconds`.
    boolean progresses(int more, int seconds) {
        long goal = acknowledged() + more;
        long end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            if (acknowledged() >= goal) {
                return true;
            }
            LoadThreads.pause(20);
        }
        return false;
    }

    private void replica() {
        try (RecordStore store = stores.get()) {
            while (!threads.stopping()) {
                session(store);
            }
        }
    }

    private void session(RecordStore store) {
        try (SealedState state = SealedState.open(store, root, random, InstantSource.system(), null)) {
            while (!threads.stopping() && state.broken().isEmpty()) {
                write(state);
            }
        } catch (S3mlException e) {
            note(e);
            LoadThreads.pause(100);
        }
    }

    private void write(SealedState state) {
        long id = nextId.incrementAndGet();
        try {
            state.transact(change -> Survivors.write(change, id));
            acknowledged.add(id);
        } catch (S3mlException e) {
            note(e);
            LoadThreads.pause(50);
        }
    }

    private void note(S3mlException e) {
        if (!Set.of("AECS-301", "AECS-307").contains(e.code())) {
            synchronized (accusations) {
                accusations.add(e.getMessage());
            }
        }
    }

    /// Ends the load and compares what was acknowledged with what the store holds.
    Outcome finish() {
        threads.close();
        try (RecordStore store = stores.get()) {
            Survivors survivors = Survivors.in(store, root, acknowledged);
            synchronized (accusations) {
                return new Outcome(
                        nextId.get(),
                        acknowledged.size(),
                        survivors.lost(),
                        survivors.duplicates(),
                        List.copyOf(accusations));
            }
        }
    }

    @Override
    public void close() {
        threads.close();
    }
}
