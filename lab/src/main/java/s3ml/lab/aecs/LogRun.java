package s3ml.lab.aecs;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import s3ml.aecs.state.LogTree;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.state.SqliteRecordStore;
import s3ml.attest.Digest;
import s3ml.lab.serve.Folders;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.ProofPlan;
import s3ml.wire.aecs.LogEntry;
import s3ml.wire.aecs.LogEntryKind;

/// The transparency log of an AECS, filled and asked for proofs: the state, the store and the tree of production.
final class LogRun {
    /// Entries of one commit, as many releases that wait for the disk together give; more might not fit into one.
    private static final int ENTRIES_PER_COMMIT = 40;

    private static final int ALONE = 200;
    private static final int PROOFS = 2_000;
    private static final int DIGEST_BYTES = 32;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Random random = new Random(1);
    private final long entries;

    private LogRun(long entries) {
        this.entries = entries;
    }

    /// What was measured.
    ///
    /// @param entries of the log when proofs were asked for
    /// @param appendMicros mean of one entry until it is durable in SQLite, `entriesPerCommit` together
    /// @param aloneMicros median of an entry that has a durable commit of its own
    /// @param memoryMicros mean of one entry in the tree alone
    /// @param inclusion milliseconds of proofs that a random entry is in the log, fetched from the store
    /// @param consistency milliseconds of proofs that the log extends a random earlier size
    record Figures(
            long entries,
            int entriesPerCommit,
            double appendMicros,
            double aloneMicros,
            double memoryMicros,
            Quantiles inclusion,
            Quantiles consistency) {}

    /// Median and 99th percentile.
    record Quantiles(double p50, double p99) {
        static Quantiles of(long[] nanos, double unit) {
            long[] sorted = nanos.clone();
            Arrays.sort(sorted);
            return new Quantiles(sorted[sorted.length / 2] / unit, sorted[sorted.length * 99 / 100] / unit);
        }
    }

    /// Measures in a folder of its own, which is removed.
    static Figures measure(long entries) throws IOException {
        Path folder = Files.createTempDirectory("s3ml-log-");
        try (RootSecret root = RootSecret.create(new SecureRandom());
                RecordStore store = SqliteRecordStore.open(folder.resolve("log.db"))) {
            return new LogRun(entries).run(store, root);
        } finally {
            Folders.remove(folder);
        }
    }

    private Figures run(RecordStore store, RootSecret root) {
        double memory = inMemory();
        try (SealedState state = SealedState.create(
                store, root, new SecureRandom(), InstantSource.system(), change -> change.log(entry()))) {
            double append = fill(state);
            Quantiles alone = timed(ALONE, NANOS_PER_MICRO, () -> state.transact(change -> change.log(entry())));
            Quantiles inclusion = timed(PROOFS, NANOS_PER_MILLI, () -> proveEntry(state));
            Quantiles consistency = timed(PROOFS, NANOS_PER_MILLI, () -> proveExtension(state));
            long size = state.head().getLogSize();
            return new Figures(size, ENTRIES_PER_COMMIT, append, alone.p50(), memory, inclusion, consistency);
        }
    }

    private double inMemory() {
        LogTree tree = new LogTree(0, List.of());
        long start = System.nanoTime();
        for (long i = 0; i < entries; i++) {
            tree = tree.append(Merkle.leaf(entry()), (subtree, hash) -> {});
        }
        double micros = (System.nanoTime() - start) / NANOS_PER_MICRO / entries;
        if (tree.size() != entries) {
            throw new IllegalStateException("a tree of " + tree.size());
        }
        return micros;
    }

    private double fill(SealedState state) {
        long start = System.nanoTime();
        for (long size = state.head().getLogSize();
                size < entries;
                size = state.head().getLogSize()) {
            long more = Math.min(ENTRIES_PER_COMMIT, entries - size);
            state.transact(change -> {
                for (long i = 0; i < more; i++) {
                    change.log(entry());
                }
                return more;
            });
        }
        return (System.nanoTime() - start) / NANOS_PER_MICRO / entries;
    }

    private void proveEntry(SealedState state) {
        long size = state.head().getLogSize();
        asked(state.proveLog(ProofPlan.inclusion(random.nextLong(size), size)));
    }

    private void proveExtension(SealedState state) {
        long size = state.head().getLogSize();
        asked(state.proveLog(ProofPlan.consistency(1 + random.nextLong(size - 1), size)));
    }

    /// In a log of more than one entry each proof is made of something.
    private static void asked(List<Digest> proof) {
        if (proof.isEmpty()) {
            throw new IllegalStateException("a proof of nothing");
        }
    }

    private static Quantiles timed(int times, double unit, Runnable work) {
        long[] nanos = new long[times];
        for (int i = 0; i < times; i++) {
            long start = System.nanoTime();
            work.run();
            nanos[i] = System.nanoTime() - start;
        }
        return Quantiles.of(nanos, unit);
    }

    /// As large as the entry of a release.
    private byte[] entry() {
        return LogEntry.newBuilder()
                .setKind(LogEntryKind.RELEASED)
                .setAtUnixMillis(1_800_000_000_000L)
                .setLeaseSha256(digest())
                .setCommandSha256(digest())
                .build()
                .toByteArray();
    }

    private ByteString digest() {
        byte[] bytes = new byte[DIGEST_BYTES];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
