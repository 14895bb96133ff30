package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import s3ml.attest.Digest;
import s3ml.protocol.log.Merkle;
import s3ml.protocol.log.Subtree;
import s3ml.wire.aecs.state.Head;

/// The transparency log as the hashes of its complete subtrees, largest first: all that is needed to append and to
/// state the root. Immutable; appending gives a new tree.
///
/// @param size number of entries, ≥ 0
/// @param peaks one hash for each bit that is set in `size`, from the highest bit down
public record LogTree(long size, List<Digest> peaks) {
    public LogTree {
        if (size < 0 || Long.bitCount(size) != peaks.size()) {
            throw new IllegalArgumentException(peaks.size() + " peaks do not make a tree of " + size + " entries");
        }
        peaks = List.copyOf(peaks);
    }

    /// The tree at a head.
    public static LogTree of(Head head) {
        return new LogTree(
                head.getLogSize(),
                head.getLogPeaksList().stream()
                        .map(peak -> Digest.ofBytes(peak.toByteArray()))
                        .toList());
    }

    List<ByteString> peakBytes() {
        return peaks.stream().map(peak -> ByteString.copyFrom(peak.bytes())).toList();
    }

    /// This tree with one more entry; every subtree of level 1 and above that it completes goes to `completed`.
    public LogTree append(Digest leaf, BiConsumer<Subtree, Digest> completed) {
        List<Digest> grown = new ArrayList<>(peaks);
        Digest hash = leaf;
        int level = 0;
        for (long bits = size; (bits & 1) == 1; bits >>= 1) {
            hash = Merkle.node(grown.removeLast(), hash);
            level++;
            completed.accept(new Subtree(level, size >> level), hash);
        }
        grown.add(hash);
        return new LogTree(size + 1, grown);
    }

    /// The root hash.
    public Digest root() {
        return Merkle.rootOf(peaks);
    }
}
