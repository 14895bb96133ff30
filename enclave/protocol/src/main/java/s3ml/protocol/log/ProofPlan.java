package s3ml.protocol.log;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import s3ml.attest.Digest;

/// Which stored hashes a proof is made of, before any of them is read.
///
/// A proof is a list of hashes; each is that of a range of leaves, which is one complete subtree or, at the right edge
/// of the tree, several. [#subtrees()] lists them all so that a store is asked once; [#prove] folds what it answered.
public final class ProofPlan {
    private final List<List<Subtree>> parts;

    private ProofPlan(List<List<Subtree>> parts) {
        this.parts = parts;
    }

    /// The audit path of one leaf (RFC 6962 section 2.1.1).
    ///
    /// @param index 0 ≤ `index` < `size`
    public static ProofPlan inclusion(long index, long size) {
        if (index < 0 || index >= size || size > Merkle.MAX_SIZE) {
            throw new IllegalArgumentException("no leaf " + index + " in a tree of " + size);
        }
        List<List<Subtree>> parts = new ArrayList<>();
        long first = 0;
        long end = size;
        while (end - first > 1) {
            long middle = first + split(end - first);
            if (index < middle) {
                parts.addFirst(Subtree.cover(middle, end));
                end = middle;
            } else {
                parts.addFirst(Subtree.cover(first, middle));
                first = middle;
            }
        }
        return new ProofPlan(parts);
    }

    /// The proof that a tree extends an earlier one (RFC 6962 section 2.1.2); empty from 0 and between equal sizes.
    ///
    /// @param oldSize 0 ≤ `oldSize` ≤ `newSize`
    public static ProofPlan consistency(long oldSize, long newSize) {
        if (oldSize < 0 || oldSize > newSize || newSize > Merkle.MAX_SIZE) {
            throw new IllegalArgumentException("a tree of " + newSize + " cannot extend one of " + oldSize);
        }
        List<List<Subtree>> parts = new ArrayList<>();
        if (oldSize == 0) {
            return new ProofPlan(parts);
        }
        long first = 0;
        long end = newSize;
        boolean oldRootIsKnown = true;
        while (oldSize != end) {
            long middle = first + split(end - first);
            if (oldSize <= middle) {
                parts.addFirst(Subtree.cover(middle, end));
                end = middle;
            } else {
                parts.addFirst(Subtree.cover(first, middle));
                first = middle;
                oldRootIsKnown = false;
            }
        }
        if (!oldRootIsKnown) {
            parts.addFirst(Subtree.cover(first, end));
        }
        return new ProofPlan(parts);
    }

    /// All complete subtrees whose hashes are needed, each once.
    public List<Subtree> subtrees() {
        return parts.stream().flatMap(List::stream).toList();
    }

    /// The proof, from the hashes of its subtrees.
    public List<Digest> prove(Function<Subtree, Digest> hashes) {
        return parts.stream()
                .map(part -> Merkle.rootOf(part.stream().map(hashes).toList()))
                .toList();
    }

    /// The largest power of two below `leaves`, which is ≥ 2: where RFC 6962 divides a tree.
    private static long split(long leaves) {
        return Long.highestOneBit(leaves - 1);
    }
}
