package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.ProofPlan;
import s3ml.protocol.log.Subtree;

/// Reads entries and proofs of the transparency log out of the store.
///
/// What the store returns is not checked here: a proof with a false hash convinces nobody. Thread-safe.
final class LogNodes {
    /// Some 3 MB: the path of a fresh entry is almost always found here.
    private static final int MAX_CACHED = 16_384;

    private final RecordStore store;
    private final Map<Subtree, Digest> cache = new LinkedHashMap<>(256, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Subtree, Digest> eldest) {
            return size() > MAX_CACHED;
        }
    };

    LogNodes(RecordStore store) {
        this.store = store;
    }

    void remember(Map<Subtree, Digest> nodes) {
        synchronized (cache) {
            cache.putAll(nodes);
        }
    }

    /// Remembers a tree's peaks, which every fresh entry's path needs.
    void remember(LogTree tree) {
        List<Subtree> names = Subtree.peaks(tree.size());
        synchronized (cache) {
            for (int i = 0; i < names.size(); i++) {
                cache.put(names.get(i), tree.peaks().get(i));
            }
        }
    }

    /// The entries from `first` on, as far as they exist.
    List<ByteString> entries(long first, int count) {
        return store.range(Keys.leaf(first), Keys.leaf(first + count), count).values().stream()
                .map(ByteString::copyFrom)
                .toList();
    }

    List<Digest> prove(ProofPlan plan) {
        Map<Subtree, Digest> known = new HashMap<>();
        List<Subtree> missing = new ArrayList<>();
        synchronized (cache) {
            for (Subtree subtree : plan.subtrees()) {
                Digest cached = cache.get(subtree);
                if (cached == null) {
                    missing.add(subtree);
                } else {
                    known.put(subtree, cached);
                }
            }
        }
        if (!missing.isEmpty()) {
            Map<Subtree, Digest> read = read(missing);
            remember(read);
            known.putAll(read);
        }
        return plan.prove(subtree -> Objects.requireNonNull(known.get(subtree)));
    }

    private Map<Subtree, Digest> read(List<Subtree> subtrees) {
        Map<Subtree, Digest> read = new HashMap<>();
        List<byte @Nullable []> values =
                store.getAll(subtrees.stream().map(LogNodes::key).toList());
        for (int i = 0; i < subtrees.size(); i++) {
            Subtree subtree = subtrees.get(i);
            byte[] value = values.get(i);
            if (value == null || (subtree.level() > 0 && value.length != Digest.BYTES)) {
                throw Faults.record(key(subtree), "it is gone from the transparency log");
            }
            read.put(subtree, subtree.level() == 0 ? Merkle.leaf(value) : Digest.ofBytes(value));
        }
        return read;
    }

    /// Leaves are stored as the entries themselves.
    private static String key(Subtree subtree) {
        return subtree.level() == 0 ? Keys.leaf(subtree.index()) : Keys.node(subtree.level(), subtree.index());
    }
}
