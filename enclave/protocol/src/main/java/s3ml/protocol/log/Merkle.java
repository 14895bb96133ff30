package s3ml.protocol.log;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.Digest;

/// The Merkle tree hash of RFC 6962 section 2.1 with SHA-256, and the checks of its two kinds of proof.
///
/// Leaves and inner nodes are hashed with different first bytes, so that neither can stand for the other. Sizes and
/// indexes are 0 to 2^62; the checks accept any input and only ever answer false.
public final class Merkle {
    /// The root of the tree without leaves: SHA-256 of nothing.
    public static final Digest EMPTY_ROOT = Digest.of(new byte[0]);

    /// The largest tree. Far above any real one, and low enough that sums of two sizes do not overflow.
    public static final long MAX_SIZE = 1L << 62;

    /// The longest proof a tree of [#MAX_SIZE] leaves can need.
    public static final int MAX_PROOF = 64;

    private static final byte LEAF = 0;
    private static final byte NODE = 1;

    private Merkle() {}

    /// The hash of one leaf.
    public static Digest leaf(byte[] entry) {
        MessageDigest sha256 = sha256();
        sha256.update(LEAF);
        return Digest.ofBytes(sha256.digest(entry));
    }

    /// The hash over two neighbouring subtrees.
    public static Digest node(Digest left, Digest right) {
        MessageDigest sha256 = sha256();
        sha256.update(NODE);
        sha256.update(left.bytes());
        return Digest.ofBytes(sha256.digest(right.bytes()));
    }

    /// The root of a tree, from the roots of the complete subtrees that it consists of, largest first.
    public static Digest rootOf(List<Digest> peaks) {
        if (peaks.isEmpty()) {
            return EMPTY_ROOT;
        }
        Digest root = peaks.getLast();
        for (int i = peaks.size() - 2; i >= 0; i--) {
            root = node(peaks.get(i), root);
        }
        return root;
    }

    /// Whether a tree of `size` leaves under `root` holds the leaf at `index` (RFC 6962 section 2.1.1).
    ///
    /// @param leaf the leaf's hash
    /// @param path from the leaf's sibling upwards
    public static boolean includes(Digest leaf, long index, long size, List<Digest> path, Digest root) {
        if (index < 0 || index >= size || size > MAX_SIZE || path.size() > MAX_PROOF) {
            return false;
        }
        long position = index;
        long last = size - 1;
        Digest hash = leaf;
        for (Digest sibling : path) {
            if (last == 0) {
                return false;
            }
            if ((position & 1) == 1 || position == last) {
                hash = node(sibling, hash);
                // A right edge without a sibling of its own is carried up unchanged.
                int levels = Long.numberOfTrailingZeros(position);
                position >>>= levels;
                last >>>= levels;
            } else {
                hash = node(hash, sibling);
            }
            position >>>= 1;
            last >>>= 1;
        }
        return last == 0 && hash.equals(root);
    }

    /// Whether the tree of `newSize` leaves begins with exactly the leaves of the tree of `oldSize` (RFC 6962 section
    /// 2.1.2).
    ///
    /// Every tree extends the empty one; the proof of that is empty, as is the one between equal sizes.
    public static boolean isExtension(long oldSize, Digest oldRoot, long newSize, Digest newRoot, List<Digest> proof) {
        if (oldSize < 0 || oldSize > newSize || newSize > MAX_SIZE || proof.size() > MAX_PROOF) {
            return false;
        }
        if (oldSize == newSize) {
            return proof.isEmpty() && oldRoot.equals(newRoot);
        }
        if (oldSize == 0) {
            return proof.isEmpty() && oldRoot.equals(EMPTY_ROOT);
        }
        List<Digest> path = new ArrayList<>(proof);
        if (Long.bitCount(oldSize) == 1) {
            // The old tree is itself a node of the new one, and not repeated in the proof.
            path.addFirst(oldRoot);
        }
        return !path.isEmpty() && fold(oldSize, oldRoot, newSize, newRoot, path);
    }

    private static boolean fold(long oldSize, Digest oldRoot, long newSize, Digest newRoot, List<Digest> path) {
        int skipped = Long.numberOfTrailingZeros(oldSize);
        long position = (oldSize - 1) >>> skipped;
        long last = (newSize - 1) >>> skipped;
        Digest old = path.getFirst();
        Digest whole = old;
        for (Digest sibling : path.subList(1, path.size())) {
            if (last == 0) {
                return false;
            }
            if ((position & 1) == 1 || position == last) {
                old = node(sibling, old);
                whole = node(sibling, whole);
                int levels = Long.numberOfTrailingZeros(position);
                position >>>= levels;
                last >>>= levels;
            } else {
                whole = node(whole, sibling);
            }
            position >>>= 1;
            last >>>= 1;
        }
        return last == 0 && old.equals(oldRoot) && whole.equals(newRoot);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform must have SHA-256", e);
        }
    }
}
