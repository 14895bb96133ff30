package s3ml.protocol.log;

import java.util.ArrayList;
import java.util.List;
import s3ml.attest.Digest;

/// The root of a log that is read from its first entry on, in constant memory. Not for use by several threads.
public final class GrowingTree {
    private final List<Digest> peaks = new ArrayList<>();
    private long size;

    /// Adds the next entry.
    public void append(byte[] entry) {
        Digest hash = Merkle.leaf(entry);
        for (long bits = size; (bits & 1) == 1; bits >>>= 1) {
            hash = Merkle.node(peaks.removeLast(), hash);
        }
        peaks.add(hash);
        size++;
    }

    /// How many entries were added.
    public long size() {
        return size;
    }

    /// The root over all of them.
    public Digest root() {
        return Merkle.rootOf(peaks);
    }
}
