package s3ml.protocol.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import s3ml.attest.Digest;

final class MerkleTest {
    /// Leaves and roots which Certificate Transparency's implementations share as their test values.
    private static final List<String> KNOWN_LEAVES =
            List.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f");

    private static final List<String> KNOWN_ROOTS = List.of(
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private static final int EXHAUSTIVE = 40;

    @Test
    void the_known_trees_of_certificate_transparency_have_their_known_roots() {
        List<Digest> leaves = new ArrayList<>();

        for (int i = 0; i < KNOWN_LEAVES.size(); i++) {
            leaves.add(Merkle.leaf(HexFormat.of().parseHex(KNOWN_LEAVES.get(i))));

            NaiveTree tree = new NaiveTree(leaves);
            List<Digest> peaks =
                    Subtree.peaks(leaves.size()).stream().map(tree::hash).toList();
            assertThat(Merkle.rootOf(peaks).hex()).isEqualTo(KNOWN_ROOTS.get(i));
        }
    }

    @Test
    void the_empty_tree_has_the_hash_of_nothing_as_its_root() {
        assertThat(Merkle.rootOf(List.of()).hex())
                .isEqualTo("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    @Test
    void every_leaf_of_every_small_tree_has_the_path_of_the_definition_and_it_proves_that_leaf_only() {
        for (int size = 1; size <= EXHAUSTIVE; size++) {
            NaiveTree tree = NaiveTree.ofSize(size);
            for (int index = 0; index < size; index++) {
                List<Digest> path = ProofPlan.inclusion(index, size).prove(tree::hash);

                assertThat(path).isEqualTo(tree.path(index));
                for (int claimed = 0; claimed < size; claimed++) {
                    assertThat(Merkle.includes(tree.leaf(index), claimed, size, path, tree.root()))
                            .as("leaf %d of %d claimed at %d", index, size, claimed)
                            .isEqualTo(claimed == index);
                }
            }
        }
    }

    @Test
    void every_pair_of_small_trees_has_the_consistency_proof_of_the_definition_and_it_proves_no_other_tree() {
        Digest other = Digest.of(new byte[] {1});
        for (int newSize = 0; newSize <= EXHAUSTIVE; newSize++) {
            NaiveTree tree = NaiveTree.ofSize(newSize);
            for (int oldSize = 0; oldSize <= newSize; oldSize++) {
                Digest old = tree.first(oldSize).root();
                List<Digest> proof = ProofPlan.consistency(oldSize, newSize).prove(tree::hash);

                assertThat(proof).isEqualTo(tree.consistency(oldSize));
                assertThat(Merkle.isExtension(oldSize, old, newSize, tree.root(), proof))
                        .as("%d to %d", oldSize, newSize)
                        .isTrue();
                assertThat(Merkle.isExtension(oldSize, other, newSize, tree.root(), proof))
                        .isFalse();
                if (oldSize > 0) {
                    assertThat(Merkle.isExtension(oldSize, old, newSize, other, proof))
                            .isFalse();
                }
            }
        }
    }

    @Test
    void a_tree_with_one_changed_leaf_is_no_extension_whichever_proof_is_shown() {
        for (int newSize = 2; newSize <= 20; newSize++) {
            NaiveTree tree = NaiveTree.ofSize(newSize);
            for (int oldSize = 1; oldSize < newSize; oldSize++) {
                for (int forged = 0; forged < oldSize; forged++) {
                    NaiveTree fork = withForgedLeaf(tree, newSize, forged);
                    ProofPlan plan = ProofPlan.consistency(oldSize, newSize);
                    Digest old = tree.first(oldSize).root();

                    assertThat(Merkle.isExtension(oldSize, old, newSize, fork.root(), plan.prove(tree::hash)))
                            .isFalse();
                    assertThat(Merkle.isExtension(oldSize, old, newSize, fork.root(), plan.prove(fork::hash)))
                            .isFalse();
                }
            }
        }
    }

    private static NaiveTree withForgedLeaf(NaiveTree tree, int size, int forged) {
        List<Digest> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leaves.add(i == forged ? Merkle.leaf(new byte[] {99}) : tree.leaf(i));
        }
        return new NaiveTree(leaves);
    }

    @Test
    void proofs_that_are_mutated_at_random_are_refused_and_never_throw() {
        long seed = 20_261_124;
        Random random = new Random(seed);

        for (int run = 0; run < 10_000; run++) {
            int size = 1 + random.nextInt(EXHAUSTIVE);
            NaiveTree tree = NaiveTree.ofSize(size);
            int index = random.nextInt(size);
            List<Digest> path = ProofPlan.inclusion(index, size).prove(tree::hash);
            List<Digest> mutatedPath = mutate(random, path);
            int oldSize = random.nextInt(size + 1);
            List<Digest> proof = ProofPlan.consistency(oldSize, size).prove(tree::hash);
            List<Digest> mutatedProof = mutate(random, proof);

            assertThat(Merkle.includes(tree.leaf(index), index, size, mutatedPath, tree.root()))
                    .as("seed %d run %d", seed, run)
                    .isEqualTo(mutatedPath.equals(path));
            assertThat(Merkle.isExtension(oldSize, tree.first(oldSize).root(), size, tree.root(), mutatedProof))
                    .as("seed %d run %d", seed, run)
                    .isEqualTo(mutatedProof.equals(proof));
        }
    }

    private static List<Digest> mutate(Random random, List<Digest> proof) {
        List<Digest> mutated = new ArrayList<>(proof);
        int at = mutated.isEmpty() ? 0 : random.nextInt(mutated.size());
        switch (mutated.isEmpty() ? 0 : random.nextInt(4)) {
            case 0 -> mutated.add(at, Digest.of(new byte[] {(byte) random.nextInt()}));
            case 1 -> mutated.remove(at);
            case 2 -> {
                byte[] bytes = mutated.get(at).bytes();
                bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
                mutated.set(at, Digest.ofBytes(bytes));
            }
            default -> Collections.shuffle(mutated, random);
        }
        return mutated;
    }

    @Test
    void sizes_and_indexes_outside_the_range_are_refused_and_never_throw() {
        Digest any = Digest.of(new byte[0]);
        List<Digest> endless = Collections.nCopies(65, any);

        for (long size : new long[] {Long.MIN_VALUE, -1, 0, 1, Merkle.MAX_SIZE, Merkle.MAX_SIZE + 1, Long.MAX_VALUE}) {
            for (long index : new long[] {Long.MIN_VALUE, -1, 0, 1, Merkle.MAX_SIZE, Long.MAX_VALUE}) {
                assertThat(Merkle.includes(any, index, size, endless, any)).isFalse();
                assertThat(Merkle.isExtension(index, any, size, any, endless)).isFalse();
            }
        }
    }
}
