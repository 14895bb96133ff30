package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.wire.aecs.state.Change;
import s3ml.wire.aecs.state.CheckpointPart;
import s3ml.wire.aecs.state.Head;

/// Reads the state out of one moment of the store: whole, or what changed since a snapshot. Everything is verified, so
/// what does not fit together was not written by a replica.
final class StateReader {
    private static final int PAGE = 256;

    private final RecordReader store;
    private final Heads heads;
    private final RecordSealer sealer;
    private final Chain chain;
    private final TamperReport report;

    /// @param store shows one moment
    StateReader(RecordReader store, Heads heads, RecordSealer sealer) {
        this.store = store;
        this.heads = heads;
        this.sealer = sealer;
        this.chain = new Chain(store);
        this.report = new TamperReport(sealer);
    }

    private byte[] storedHead() {
        byte[] head = store.getAll(List.of(Keys.HEAD)).getFirst();
        if (head == null) {
            throw Faults.head("it is missing from the storage (deleted, or the storage is another one)");
        }
        return head;
    }

    /// The whole state.
    ///
    /// @param known a head which the state must contain, or null
    Snapshot load(@Nullable KnownHead known) {
        return load(storedHead(), known);
    }

    /// What changed in the store since the given head.
    Delta refresh(Head seen) {
        return advance(seen, storedHead());
    }

    /// Refuses a store that does not contain the known head.
    void contains(KnownHead known) {
        contains(heads.verify(storedHead()), known);
    }

    private Snapshot load(byte[] headBytes, @Nullable KnownHead known) {
        Head head = heads.verify(headBytes);
        Map<String, Change> expected = new HashMap<>();
        ByteString before = ByteString.EMPTY;
        if (head.getCheckpointSequence() > 0) {
            before = checkpoint(head, expected);
        }
        long first = head.getCheckpointSequence() + 1;
        List<Chain.Link> links = chain.read(first, head.getSequence(), before, head.getChainHash());
        for (Chain.Link link : links) {
            apply(link, expected);
        }
        if (known != null) {
            contains(head, known);
        }
        NavigableMap<String, Slot> records = records(expected);
        return new Snapshot(head, ByteString.copyFrom(headBytes), records);
    }

    private ByteString checkpoint(Head head, Map<String, Change> expected) {
        List<String> keys = new ArrayList<>();
        for (int part = 0; part < head.getCheckpointParts(); part++) {
            keys.add(Keys.checkpoint(head.getCheckpointSequence(), part));
        }
        // One by one: an answer has a limit, and a part may be as long as a value can be.
        List<byte @Nullable []> parts = new ArrayList<>();
        for (String key : keys) {
            parts.addAll(store.getAll(List.of(key)));
        }
        ByteString whole = ByteString.EMPTY;
        for (int part = 0; part < parts.size(); part++) {
            byte[] bytes = parts.get(part);
            if (bytes == null) {
                throw Faults.chain(
                        head.getCheckpointSequence(), "part " + part + " of its checkpoint is missing (truncated)");
            }
            whole = whole.concat(ByteString.copyFrom(bytes));
        }
        if (!ByteString.copyFrom(Hashes.sha256(whole.toByteArray())).equals(head.getCheckpointDigest())) {
            throw Faults.chain(head.getCheckpointSequence(), "its checkpoint is not the one in the signed head");
        }
        return parse(parts, expected);
    }

    private static ByteString parse(List<byte @Nullable []> parts, Map<String, Change> expected) {
        ByteString chainHash = ByteString.EMPTY;
        try {
            for (byte[] bytes : parts) {
                CheckpointPart part = CheckpointPart.parseFrom(java.util.Objects.requireNonNull(bytes));
                if (!part.getChainHash().isEmpty()) {
                    chainHash = part.getChainHash();
                }
                part.getRecordsList().forEach(change -> expected.put(change.getName(), change));
            }
            return chainHash;
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("a checkpoint with the right digest is no CheckpointPart", e);
        }
    }

    private static void apply(Chain.Link link, Map<String, Change> expected) {
        for (Change change : link.commit().getChangesList()) {
            if (change.getDigest().isEmpty()) {
                expected.remove(change.getName());
            } else {
                expected.put(change.getName(), change);
            }
        }
    }

    private void contains(Head head, KnownHead known) {
        if (known.sequence() > head.getSequence()) {
            throw Faults.rollback("its head is commit " + head.getSequence() + ", but commit " + known.sequence()
                    + " was seen: it was rolled back");
        }
        if (known.sequence() == head.getSequence()) {
            if (!known.chainHash().equals(head.getChainHash())) {
                throw forked(known);
            }
            return;
        }
        if (known.sequence() < head.getOldestCommit()) {
            // Pruned history cannot be compared; the head is newer and signed, which is all that can be said.
            return;
        }
        List<Chain.Link> links =
                chain.read(known.sequence(), head.getSequence(), ByteString.EMPTY, head.getChainHash());
        if (!links.getFirst().hash().equals(known.chainHash())) {
            throw forked(known);
        }
    }

    private static S3mlException forked(KnownHead known) {
        return Faults.rollback("its commit " + known.sequence() + " is not the one that was seen: it was forked");
    }

    private NavigableMap<String, Slot> records(Map<String, Change> expected) {
        NavigableMap<String, Slot> records = new TreeMap<>();
        Map<String, byte[]> stored = allRecords();
        for (Map.Entry<String, byte[]> entry : stored.entrySet()) {
            Change change = expected.get(entry.getKey());
            if (change == null) {
                throw Faults.record(entry.getKey(), "no commit made it: it was inserted");
            }
            records.put(entry.getKey(), open(change, entry.getValue(), expected));
        }
        for (Change change : expected.values()) {
            if (!stored.containsKey(change.getName())) {
                throw Faults.record(change.getName(), "it is gone: it was deleted from the storage");
            }
        }
        return records;
    }

    private Map<String, byte[]> allRecords() {
        Map<String, byte[]> all = new TreeMap<>();
        String from = Keys.RECORDS;
        while (true) {
            SortedMap<String, byte[]> page = store.range(from, Keys.end(Keys.RECORDS), PAGE);
            page.forEach((key, value) -> all.put(key.substring(Keys.RECORDS.length()), value));
            if (page.size() < PAGE) {
                return all;
            }
            from = page.lastKey() + "\0";
        }
    }

    private Slot open(Change change, byte[] sealed, Map<String, Change> expected) {
        ByteString digest = ByteString.copyFrom(Hashes.sha256(sealed));
        if (!digest.equals(change.getDigest())) {
            throw report.explain(change, sealed, digest, expected);
        }
        RecordSealer.Opened opened = sealer.open(change.getName(), sealed)
                .filter(record -> record.version() == change.getVersion())
                .orElseThrow(() -> Faults.record(change.getName(), "it does not open although its digest is right"));
        return new Slot(new StoredRecord(opened.version(), opened.plaintext()), digest);
    }

    private Delta advance(Head seen, byte[] headBytes) {
        Head head = heads.verify(headBytes);
        if (head.getSequence() <= seen.getSequence()) {
            contains(head, KnownHead.of(seen));
            return new Delta(head, ByteString.copyFrom(headBytes), Map.of());
        }
        if (seen.getSequence() + 1 < head.getOldestCommit()) {
            throw Faults.chain(seen.getSequence() + 1, "this replica fell behind what the storage keeps; restart it");
        }
        List<Chain.Link> links;
        try {
            links = chain.read(seen.getSequence() + 1, head.getSequence(), seen.getChainHash(), head.getChainHash());
        } catch (S3mlException e) {
            // Says "forked" rather than "broken" where the store's chain is whole but not the one that was seen.
            contains(head, KnownHead.of(seen));
            throw e;
        }
        Map<String, Change> changed = new TreeMap<>();
        for (Chain.Link link : links) {
            link.commit().getChangesList().forEach(change -> changed.put(change.getName(), change));
        }
        return new Delta(head, ByteString.copyFrom(headBytes), opened(changed));
    }

    private Map<String, Optional<Slot>> opened(Map<String, Change> changed) {
        Map<String, Optional<Slot>> slots = new TreeMap<>();
        List<Change> present = new ArrayList<>();
        for (Change change : changed.values()) {
            if (change.getDigest().isEmpty()) {
                slots.put(change.getName(), Optional.empty());
            } else {
                present.add(change);
            }
        }
        for (int start = 0; start < present.size(); start += RecordStore.MAX_WRITES) {
            List<Change> page = present.subList(start, Math.min(present.size(), start + RecordStore.MAX_WRITES));
            List<byte @Nullable []> values = store.getAll(
                    page.stream().map(change -> Keys.record(change.getName())).toList());
            for (int i = 0; i < page.size(); i++) {
                String name = page.get(i).getName();
                byte[] sealed = values.get(i);
                if (sealed == null) {
                    throw Faults.record(name, "it is gone: it was deleted from the storage");
                }
                slots.put(name, Optional.of(open(page.get(i), sealed, changed)));
            }
        }
        return slots;
    }

    /// What other replicas committed: the new head, and each changed record (empty = deleted).
    record Delta(Head head, ByteString headBytes, Map<String, Optional<Slot>> slots) {}
}
