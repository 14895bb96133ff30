package s3ml.protocol.log;

import java.util.ArrayList;
import java.util.List;
import s3ml.attest.Digest;

/// RFC 6962's definitions written out by recursion, slow and plain, to compare the real code with.
final class NaiveTree {
    private final List<Digest> leaves;

    NaiveTree(List<Digest> leaves) {
        this.leaves = List.copyOf(leaves);
    }

    static NaiveTree ofSize(int size) {
        List<Digest> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leaves.add(Merkle.leaf(new byte[] {(byte) i, (byte) (i >> 8)}));
        }
        return new NaiveTree(leaves);
    }

    Digest leaf(int index) {
        return leaves.get(index);
    }

    Digest hash(Subtree subtree) {
        return rootOf(leaves.subList((int) subtree.firstLeaf(), (int) subtree.endLeaf()));
    }

    Digest root() {
        return rootOf(leaves);
    }

    NaiveTree first(int size) {
        return new NaiveTree(leaves.subList(0, size));
    }

    List<Digest> path(int index) {
        return path(index, leaves);
    }

    List<Digest> consistency(int oldSize) {
        return oldSize == 0 ? List.of() : subproof(oldSize, leaves, true);
    }

    private static Digest rootOf(List<Digest> part) {
        if (part.isEmpty()) {
            return Merkle.EMPTY_ROOT;
        }
        if (part.size() == 1) {
            return part.getFirst();
        }
        int k = Integer.highestOneBit(part.size() - 1);
        return Merkle.node(rootOf(part.subList(0, k)), rootOf(part.subList(k, part.size())));
    }

    private static List<Digest> path(int m, List<Digest> part) {
        if (part.size() == 1) {
            return List.of();
        }
        int k = Integer.highestOneBit(part.size() - 1);
        boolean left = m < k;
        List<Digest> path =
                new ArrayList<>(left ? path(m, part.subList(0, k)) : path(m - k, part.subList(k, part.size())));
        path.add(rootOf(left ? part.subList(k, part.size()) : part.subList(0, k)));
        return path;
    }

    private static List<Digest> subproof(int m, List<Digest> part, boolean whole) {
        if (m == part.size()) {
            return whole ? List.of() : List.of(rootOf(part));
        }
        int k = Integer.highestOneBit(part.size() - 1);
        boolean left = m <= k;
        List<Digest> proof = new ArrayList<>(
                left ? subproof(m, part.subList(0, k), whole) : subproof(m - k, part.subList(k, part.size()), false));
        proof.add(rootOf(left ? part.subList(k, part.size()) : part.subList(0, k)));
        return proof;
    }
}
