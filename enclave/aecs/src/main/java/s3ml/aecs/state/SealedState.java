package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.log.ProofPlan;
import s3ml.wire.aecs.state.Head;

/// The records of an AECS: held opened in enclave memory, sealed and chained in the store.
///
/// Changes are transactions. Those that wait at the same time are committed together, so that a slow store is asked
/// once for many. Where another replica was quicker the transactions run again on its result; so all replicas over one
/// store see one order of changes.
///
/// After the store was caught lying nothing is read or written any more: every call throws `AECS-308`. Thread-safe.
public final class SealedState implements AutoCloseable {
    /// The key of the store under which the head stands.
    public static final String HEAD_KEY = Keys.HEAD;

    private static final int MAX_TRIES = 50;
    /// Transactions in one commit; bounds how long the first of them waits for the others' work.
    private static final int MAX_BATCH = 64;

    private final RecordStore store;
    private final InstantSource clock;
    private final Heads heads;
    private final RecordSealer sealer;
    private final LogNodes log;
    private final Checkpointer checkpointer;
    private final ReentrantLock committing = new ReentrantLock();
    private final ReentrantReadWriteLock guard = new ReentrantReadWriteLock();
    private final ArrayDeque<Pending<?>> queue = new ArrayDeque<>();
    private final Records records = new Records();
    private Head head = Head.getDefaultInstance();
    private ByteString headBytes = ByteString.EMPTY;
    private volatile @Nullable S3mlException broken;

    private SealedState(RecordStore store, RootSecret root, SecureRandom random, InstantSource clock) {
        this.store = store;
        this.clock = clock;
        this.heads = new Heads(root);
        this.sealer = new RecordSealer(root, random);
        this.log = new LogNodes(store);
        this.checkpointer = new Checkpointer(store, heads);
    }

    /// Begins a new AECS in an empty store.
    ///
    /// @param first the first transaction, which makes the records every AECS has
    /// @throws S3mlException `AECS-304` if the store is not empty
    public static SealedState create(
            RecordStore store,
            RootSecret root,
            SecureRandom random,
            InstantSource clock,
            Function<StateChange, ?> first) {
        if (!store.range("!", "~", 1).isEmpty()) {
            throw Faults.head("a new AECS was to be made, but the storage already holds another one's records");
        }
        SealedState state = new SealedState(store, root, random, clock);
        state.transact(first);
        return state;
    }

    /// Loads and verifies the state.
    ///
    /// @param known a head that the store must contain, or null
    /// @throws S3mlException `AECS-302` to `AECS-305`, naming what was found
    public static SealedState open(
            RecordStore store, RootSecret root, SecureRandom random, InstantSource clock, @Nullable KnownHead known) {
        SealedState state = new SealedState(store, root, random, clock);
        Snapshot snapshot = state.atOneMoment(reader -> reader.load(known));
        state.records.putAll(snapshot.records());
        state.setHead(snapshot.head(), snapshot.headBytes());
        return state;
    }

    /// Whether the store holds no state yet.
    public static boolean isEmpty(RecordStore store) {
        return store.range("!", "~", 1).isEmpty();
    }

    /// Reads several records at one moment.
    public <T> T read(Function<StateView, T> reading) {
        refuseBroken();
        guard.readLock().lock();
        try {
            return reading.apply(new Overlay(records, Map.of(), head.getLogSize(), 0));
        } finally {
            guard.readLock().unlock();
        }
    }

    /// Runs a transaction and returns when it is durable.
    ///
    /// What the function throws is thrown here, and nothing is changed.
    ///
    /// @throws S3mlException `AECS-301` when the store failed; the change may then have been made or not
    public <T> Committed<T> transact(Function<StateChange, T> work) {
        Pending<T> mine = new Pending<>(work);
        synchronized (queue) {
            queue.add(mine);
        }
        committing.lock();
        try {
            while (!mine.isDone()) {
                commitBatch();
            }
        } finally {
            committing.unlock();
        }
        return mine.result();
    }

    /// Takes over what other replicas committed.
    public void refresh() {
        committing.lock();
        try {
            refuseBroken();
            catchUp();
        } finally {
            committing.unlock();
        }
    }

    /// The newest head: serialized `SignedHead`.
    public ByteString signedHead() {
        guard.readLock().lock();
        try {
            return headBytes;
        } finally {
            guard.readLock().unlock();
        }
    }

    /// The newest head's content.
    public Head head() {
        guard.readLock().lock();
        try {
            return head;
        } finally {
            guard.readLock().unlock();
        }
    }

    /// The transparency log as a tree.
    public LogTree logTree() {
        return LogTree.of(head());
    }

    /// Entries of the transparency log, from `first` on.
    public List<ByteString> logEntries(long first, int count) {
        return log.entries(first, count);
    }

    /// The hashes of a proof over the log.
    public List<Digest> proveLog(ProofPlan plan) {
        return log.prove(plan);
    }

    /// Compares with the head another replica saw.
    ///
    /// @throws S3mlException `AECS-305` if both cannot be of one history; this state is then out of use
    public void compare(byte[] otherHead) {
        Head other = heads.verify(otherHead);
        committing.lock();
        try {
            refuseBroken();
            catchUp();
            watching(() -> atOneMoment(reader -> {
                reader.contains(KnownHead.of(other));
                return head;
            }));
        } finally {
            committing.unlock();
        }
    }

    /// Hands out all that the store holds, page by page, the head first; other transactions of this replica wait
    /// meanwhile.
    ///
    /// @return how many entries there were
    /// @throws S3mlException `AECS-307` if another replica committed meanwhile; what was handed out is then of no use
    public long export(Consumer<SortedMap<String, byte[]>> pages) {
        committing.lock();
        try {
            refuseBroken();
            catchUp();
            long entries = Exporter.export(store, headBytes.toByteArray(), pages);
            if (!isCurrent()) {
                throw Faults.contention(1);
            }
            return entries;
        } finally {
            committing.unlock();
        }
    }

    /// The failure after which this state is out of use, if there was one.
    public Optional<S3mlException> broken() {
        return Optional.ofNullable(broken);
    }

    /// Puts this state out of use for a contradiction that was found outside of the store.
    public void stopUsing(S3mlException found) {
        broken = found;
    }

    private void commitBatch() {
        List<Pending<?>> batch = new ArrayList<>();
        synchronized (queue) {
            while (!queue.isEmpty() && batch.size() < MAX_BATCH) {
                batch.add(queue.poll());
            }
        }
        try {
            refuseBroken();
            for (int attempt = 0; attempt < MAX_TRIES; attempt++) {
                if (attempt(batch)) {
                    return;
                }
                catchUp();
            }
            throw Faults.contention(MAX_TRIES);
        } catch (S3mlException e) {
            batch.forEach(pending -> pending.fail(e));
        }
    }

    /// Runs the batch on the present state and commits; false if another replica was quicker.
    private boolean attempt(List<Pending<?>> batch) {
        CommitDraft draft = new CommitDraft(head, sealer);
        List<Pending<?>> included = new ArrayList<>();
        List<Pending<?>> later = new ArrayList<>();
        boolean refused = false;
        for (Pending<?> pending : batch) {
            Overlay overlay = new Overlay(records, draft.changes(), draft.logSize(), draft.sequence());
            if (!pending.run(overlay)) {
                refused = true;
                included.add(pending);
            } else if (draft.fits(overlay)) {
                draft.add(overlay);
                included.add(pending);
            } else if (draft.isEmpty()) {
                pending.refuse(new IllegalStateException("one transaction with too many changes for one commit"));
                included.add(pending);
            } else {
                later.add(pending);
            }
        }
        // A refusal, or a result without changes, must not rest on a state that another replica has already left.
        if ((refused || draft.isEmpty()) && !isCurrent()) {
            return false;
        }
        if (!draft.isEmpty() && !commit(draft)) {
            return false;
        }
        included.forEach(pending -> pending.settle(head));
        synchronized (queue) {
            later.reversed().forEach(queue::addFirst);
        }
        return true;
    }

    private boolean isCurrent() {
        byte[] stored = storedHead();
        return stored == null ? headBytes.isEmpty() : headBytes.equals(ByteString.copyFrom(stored));
    }

    private boolean commit(CommitDraft draft) {
        CommitDraft.Finished finished = draft.finish(heads, clock.millis());
        boolean committed;
        try {
            committed =
                    store.commit(Keys.HEAD, headBytes.isEmpty() ? null : headBytes.toByteArray(), finished.writes());
        } catch (S3mlException e) {
            committed = wasCommitted(finished, e);
        }
        if (committed) {
            apply(finished.head(), finished.headBytes(), finished.slots());
            log.remember(draft.nodes());
            Checkpointer.Stored stored = checkpointer.afterCommit(head, headBytes, records.byName());
            if (!stored.bytes().equals(headBytes)) {
                setHead(stored.head(), stored.bytes());
            }
        }
        return committed;
    }

    /// After a failure that may have come behind the commit: the store itself knows whether it was made.
    private boolean wasCommitted(CommitDraft.Finished finished, S3mlException failure) {
        byte[] stored;
        try {
            stored = storedHead();
        } catch (S3mlException again) {
            failure.addSuppressed(again);
            throw failure;
        }
        if (stored != null && finished.headBytes().equals(ByteString.copyFrom(stored))) {
            return true;
        }
        throw failure;
    }

    private void catchUp() {
        if (isCurrent()) {
            return;
        }
        watching(() -> {
            StateReader.Delta delta = atOneMoment(reader -> reader.refresh(head));
            apply(delta.head(), delta.headBytes(), delta.slots());
        });
    }

    private <T> T atOneMoment(Function<StateReader, T> reading) {
        return store.atOneMoment(moment -> reading.apply(new StateReader(moment, heads, sealer)));
    }

    private byte @Nullable [] storedHead() {
        return store.getAll(List.of(Keys.HEAD)).getFirst();
    }

    /// Marks the state as broken when the store turns out to lie; a store that is merely away stays usable.
    private void watching(Runnable reading) {
        try {
            reading.run();
        } catch (S3mlException e) {
            if (!e.code().equals("AECS-301")) {
                broken = e;
            }
            throw e;
        }
    }

    private void apply(Head next, ByteString nextBytes, Map<String, Optional<Slot>> slots) {
        guard.writeLock().lock();
        try {
            slots.forEach((name, slot) ->
                    slot.ifPresentOrElse(present -> records.put(name, present), () -> records.remove(name)));
            setHead(next, nextBytes);
        } finally {
            guard.writeLock().unlock();
        }
    }

    private void setHead(Head next, ByteString nextBytes) {
        guard.writeLock().lock();
        try {
            head = next;
            headBytes = nextBytes;
        } finally {
            guard.writeLock().unlock();
        }
        log.remember(LogTree.of(next));
    }

    private void refuseBroken() {
        S3mlException first = broken;
        if (first != null) {
            throw Faults.stopped(first);
        }
    }

    /// Zeroes the keys; the store stays open, it is the caller's.
    @Override
    public void close() {
        sealer.close();
    }

    /// What a transaction returned, and the head that contains it.
    public record Committed<T>(T value, Head head) {}
}
