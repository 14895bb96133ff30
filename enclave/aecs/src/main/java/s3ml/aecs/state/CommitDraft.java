package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import s3ml.attest.Digest;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.Subtree;
import s3ml.wire.aecs.state.Change;
import s3ml.wire.aecs.state.Commit;
import s3ml.wire.aecs.state.Head;

/// One commit being put together from the transactions of a batch: the writes for the store, and the head that follows.
final class CommitDraft {
    private final Head before;
    private final RecordSealer sealer;
    private final Map<String, Optional<StoredRecord>> changes = new TreeMap<>();
    private final List<RecordStore.Write> logWrites = new ArrayList<>();
    private final Map<Subtree, Digest> nodes = new HashMap<>();
    private LogTree tree;

    CommitDraft(Head before, RecordSealer sealer) {
        this.before = before;
        this.sealer = sealer;
        this.tree = LogTree.of(before);
    }

    Map<String, Optional<StoredRecord>> changes() {
        return changes;
    }

    long logSize() {
        return tree.size();
    }

    long sequence() {
        return before.getSequence() + 1;
    }

    boolean isEmpty() {
        return changes.isEmpty() && logWrites.isEmpty();
    }

    /// Nodes of the log that this commit completes or adds; leaf hashes among them as level 0.
    Map<Subtree, Digest> nodes() {
        return nodes;
    }

    /// Whether the transaction still fits; two writes are the commit and the head, and each entry can complete
    /// subtrees.
    boolean fits(Overlay transaction) {
        int writes = changes.size() + logWrites.size() + transaction.changes().size();
        long size = tree.size();
        for (int i = 0; i < transaction.entries().size(); i++) {
            writes += 1 + Long.numberOfTrailingZeros(~(size + i));
        }
        return writes + 2 <= RecordStore.MAX_WRITES;
    }

    void add(Overlay transaction) {
        changes.putAll(transaction.changes());
        for (byte[] entry : transaction.entries()) {
            Digest leaf = Merkle.leaf(entry);
            logWrites.add(new RecordStore.Write(Keys.leaf(tree.size()), entry));
            nodes.put(Subtree.ofLeaf(tree.size()), leaf);
            tree = tree.append(leaf, (subtree, hash) -> {
                nodes.put(subtree, hash);
                logWrites.add(new RecordStore.Write(Keys.node(subtree.level(), subtree.index()), hash.bytes()));
            });
        }
    }

    /// Seals the records and signs the head.
    Finished finish(Heads heads, long atMillis) {
        List<RecordStore.Write> writes = new ArrayList<>(logWrites);
        Map<String, Optional<Slot>> slots = new TreeMap<>();
        Commit.Builder commit = Commit.newBuilder()
                .setSequence(sequence())
                .setPrevious(before.getChainHash())
                .setLogSize(tree.size())
                .setLogRoot(ByteString.copyFrom(tree.root().bytes()))
                .setCommittedAtUnixMillis(atMillis);
        changes.forEach((name, record) -> {
            Change.Builder change = Change.newBuilder().setName(name);
            if (record.isEmpty()) {
                writes.add(new RecordStore.Write(Keys.record(name), null));
                slots.put(name, Optional.empty());
            } else {
                byte[] sealed = sealer.seal(
                        name, record.get().version(), record.get().content().toByteArray());
                ByteString digest = ByteString.copyFrom(Hashes.sha256(sealed));
                change.setVersion(record.get().version()).setDigest(digest);
                writes.add(new RecordStore.Write(Keys.record(name), sealed));
                slots.put(name, Optional.of(new Slot(record.get(), digest)));
            }
            commit.addChanges(change);
        });
        byte[] commitBytes = commit.build().toByteArray();
        Head.Builder head = before.toBuilder()
                .setInstanceId(heads.instanceId())
                .setSequence(sequence())
                .setChainHash(ByteString.copyFrom(Hashes.sha256(commitBytes)))
                .setLogSize(tree.size())
                .clearLogPeaks()
                .addAllLogPeaks(tree.peakBytes())
                .setCommittedAtUnixMillis(atMillis);
        if (before.getOldestCommit() == 0) {
            head.setOldestCommit(1);
        }
        Head after = head.build();
        ByteString headBytes = heads.sign(after);
        writes.add(new RecordStore.Write(Keys.commit(sequence()), commitBytes));
        writes.add(new RecordStore.Write(Keys.HEAD, headBytes.toByteArray()));
        return new Finished(after, headBytes, slots, writes);
    }

    /// What to write, and what is true once it is written.
    record Finished(
            Head head, ByteString headBytes, Map<String, Optional<Slot>> slots, List<RecordStore.Write> writes) {}
}
