package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import s3ml.attest.S3mlException;
import s3ml.wire.aecs.state.Change;
import s3ml.wire.aecs.state.CheckpointPart;
import s3ml.wire.aecs.state.Head;

/// Writes checkpoints, so that a start need not read every commit since the beginning, and prunes what they replace.
final class Checkpointer {
    /// Commits between checkpoints: some 200 KB to read at a start.
    private static final long INTERVAL = 1_024;
    /// Commits kept behind a checkpoint, for replicas that lag and for heads that somebody remembers.
    private static final long KEPT = 8 * INTERVAL;
    /// Records in one part: their names and digests stay far below the longest value of a store.
    private static final int PART_RECORDS = 2_000;
    private static final int PRUNED_AT_ONCE = RecordStore.MAX_WRITES - 2;

    private final RecordStore store;
    private final Heads heads;

    Checkpointer(RecordStore store, Heads heads) {
        this.store = store;
        this.heads = heads;
    }

    /// Called behind each commit, with the state it made; the result is the head that is now stored.
    ///
    /// A checkpoint is only an economy: when another replica or a failure comes between, the next commit tries again.
    Stored afterCommit(Head head, ByteString headBytes, NavigableMap<String, Slot> records) {
        Stored unchanged = new Stored(head, headBytes);
        try {
            if (head.getSequence() - head.getCheckpointSequence() >= INTERVAL) {
                return checkpoint(unchanged, records);
            }
            long keepFrom = head.getCheckpointSequence() - KEPT;
            if (keepFrom - head.getOldestCommit() >= PRUNED_AT_ONCE) {
                return prune(unchanged);
            }
            return unchanged;
        } catch (S3mlException e) {
            return unchanged;
        }
    }

    private Stored checkpoint(Stored now, NavigableMap<String, Slot> records) {
        Head head = now.head();
        List<byte[]> parts = parts(head, records);
        ByteString whole = ByteString.EMPTY;
        byte[] guard = now.bytes().toByteArray();
        for (int part = 0; part < parts.size(); part++) {
            whole = whole.concat(ByteString.copyFrom(parts.get(part)));
            RecordStore.Write write = new RecordStore.Write(Keys.checkpoint(head.getSequence(), part), parts.get(part));
            if (!store.commit(Keys.HEAD, guard, List.of(write))) {
                return now;
            }
        }
        Head next = head.toBuilder()
                .setCheckpointSequence(head.getSequence())
                .setCheckpointDigest(ByteString.copyFrom(Hashes.sha256(whole.toByteArray())))
                .setCheckpointParts(parts.size())
                .build();
        List<RecordStore.Write> writes = new ArrayList<>();
        for (int part = 0; part < Math.min(head.getCheckpointParts(), PRUNED_AT_ONCE); part++) {
            writes.add(new RecordStore.Write(Keys.checkpoint(head.getCheckpointSequence(), part), null));
        }
        return replaceHead(now, next, writes);
    }

    private static List<byte[]> parts(Head head, NavigableMap<String, Slot> records) {
        List<byte[]> parts = new ArrayList<>();
        CheckpointPart.Builder part = CheckpointPart.newBuilder().setChainHash(head.getChainHash());
        for (var entry : records.entrySet()) {
            part.addRecords(Change.newBuilder()
                    .setName(entry.getKey())
                    .setVersion(entry.getValue().record().version())
                    .setDigest(entry.getValue().digest()));
            if (part.getRecordsCount() == PART_RECORDS) {
                parts.add(part.build().toByteArray());
                part = CheckpointPart.newBuilder();
            }
        }
        parts.add(part.build().toByteArray());
        return parts;
    }

    private Stored prune(Stored now) {
        Head head = now.head();
        long oldest = head.getOldestCommit() + PRUNED_AT_ONCE;
        Head next = head.toBuilder().setOldestCommit(oldest).build();
        List<RecordStore.Write> writes = new ArrayList<>();
        for (long sequence = head.getOldestCommit(); sequence < oldest; sequence++) {
            writes.add(new RecordStore.Write(Keys.commit(sequence), null));
        }
        return replaceHead(now, next, writes);
    }

    private Stored replaceHead(Stored now, Head next, List<RecordStore.Write> writes) {
        ByteString bytes = heads.sign(next);
        writes.add(new RecordStore.Write(Keys.HEAD, bytes.toByteArray()));
        return store.commit(Keys.HEAD, now.bytes().toByteArray(), writes) ? new Stored(next, bytes) : now;
    }

    /// A head and its signed form, as the store holds it.
    record Stored(Head head, ByteString bytes) {}
}
