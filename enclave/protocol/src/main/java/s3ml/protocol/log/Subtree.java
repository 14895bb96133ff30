package s3ml.protocol.log;

import java.util.ArrayList;
import java.util.List;

/// Names a complete subtree: the 2^`level` leaves from `index` × 2^`level` on. Level 0 is a leaf.
///
/// The hash of a complete subtree never changes when leaves are added, which is why exactly these are stored.
///
/// @param level 0 to 62
/// @param index ≥ 0, counted within the level
public record Subtree(int level, long index) {
    public Subtree {
        if (level < 0 || level > Long.SIZE - 2) {
            throw new IllegalArgumentException("level " + level + " is not within 0 to 62");
        }
        if (index < 0 || index > Merkle.MAX_SIZE >>> level) {
            throw new IllegalArgumentException("index " + index + " is outside level " + level);
        }
    }

    /// The subtree of one leaf.
    public static Subtree ofLeaf(long index) {
        return new Subtree(0, index);
    }

    /// The complete subtrees that a tree of `size` leaves consists of, largest first: one for each bit set in `size`.
    public static List<Subtree> peaks(long size) {
        return cover(0, size);
    }

    /// The complete subtrees that the leaves from `first` to `end` (exclusive) consist of, largest first. `first` must
    /// be where a subtree of at least that many leaves may begin, as it is for every range that a proof names.
    static List<Subtree> cover(long first, long end) {
        List<Subtree> subtrees = new ArrayList<>();
        long position = first;
        while (position < end) {
            int level = Long.SIZE - 1 - Long.numberOfLeadingZeros(end - position);
            subtrees.add(new Subtree(level, position >>> level));
            position += 1L << level;
        }
        return subtrees;
    }

    /// The index of its first leaf.
    public long firstLeaf() {
        return index << level;
    }

    /// The index after its last leaf.
    public long endLeaf() {
        return (index + 1) << level;
    }
}
