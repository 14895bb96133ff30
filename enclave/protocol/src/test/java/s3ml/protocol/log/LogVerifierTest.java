package s3ml.protocol.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import s3ml.attest.Digest;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.LogReceipt;

final class LogVerifierTest {
    private final KeyPair identity = Signatures.generate();
    private final KeyPair witness = Signatures.generate();
    private final LogVerifier verifier = new LogVerifier(identity.getPublic());

    private static byte[] entry(String log, int index) {
        return (log + index).getBytes(StandardCharsets.UTF_8);
    }

    private static NaiveTree tree(String log, int size) {
        List<Digest> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leaves.add(Merkle.leaf(entry(log, i)));
        }
        return new NaiveTree(leaves);
    }

    private LogHead head(NaiveTree tree, long size) {
        return AecsMessages.signLogHead(identity.getPrivate(), size, tree.root().bytes(), 1_000);
    }

    private static List<ByteString> bytes(List<Digest> hashes) {
        return hashes.stream().map(hash -> ByteString.copyFrom(hash.bytes())).toList();
    }

    private LogReceipt receipt(int index, int size) {
        NaiveTree tree = tree("a", size);
        return LogReceipt.newBuilder()
                .setIndex(index)
                .setEntry(ByteString.copyFrom(entry("a", index)))
                .addAllInclusion(bytes(tree.path(index)))
                .setHead(head(tree, size))
                .build();
    }

    private static String code(LogVerdict verdict) {
        return verdict instanceof LogVerdict.NotProven refused ? refused.code() : "proven";
    }

    @Test
    void a_receipt_proves_its_entry_and_no_other() {
        LogReceipt good = receipt(4, 7);

        assertThat(code(verifier.receipt(good))).isEqualTo("proven");
        assertThat(code(verifier.receipt(good.toBuilder().setIndex(5).build()))).isEqualTo("PRO-181");
        assertThat(code(verifier.receipt(good.toBuilder()
                        .setEntry(ByteString.copyFrom(entry("a", 5)))
                        .build())))
                .isEqualTo("PRO-181");
        assertThat(code(verifier.receipt(good.toBuilder()
                        .addInclusion(ByteString.copyFromUtf8("short"))
                        .build())))
                .isEqualTo("PRO-184");
    }

    @Test
    void a_head_that_another_AECS_signed_or_that_was_changed_proves_nothing() {
        LogReceipt good = receipt(4, 7);
        LogHead.Builder head = good.getHead().toBuilder();

        assertThat(code(new LogVerifier(witness.getPublic()).receipt(good))).isEqualTo("PRO-180");
        assertThat(code(verifier.head(head.clone().setTreeSize(8).build()))).isEqualTo("PRO-180");
        assertThat(code(verifier.head(head.clone().setTimestampUnixMillis(1).build())))
                .isEqualTo("PRO-180");
        assertThat(code(verifier.head(head.clone().setRootHash(ByteString.EMPTY).build())))
                .isEqualTo("PRO-180");
        assertThat(code(verifier.head(LogHead.getDefaultInstance()))).isEqualTo("PRO-180");
    }

    @Test
    void a_longer_log_is_an_extension_only_with_its_proof() {
        NaiveTree now = tree("a", 13);
        LogHead before = head(now.first(6), 6);
        List<ByteString> proof = bytes(now.consistency(6));

        assertThat(code(verifier.extension(before, head(now, 13), proof))).isEqualTo("proven");
        assertThat(code(verifier.extension(before, head(now, 13), List.of()))).isEqualTo("PRO-183");
        assertThat(code(verifier.extension(before, head(now, 13), bytes(now.consistency(7)))))
                .isEqualTo("PRO-183");
    }

    @Test
    void a_log_that_lost_entries_is_named_rolled_back() {
        NaiveTree tree = tree("a", 13);

        assertThat(code(verifier.extension(head(tree, 13), head(tree.first(6), 6), List.of())))
                .isEqualTo("PRO-182");
    }

    @Test
    void two_signed_heads_of_one_size_are_named_a_fork() {
        assertThat(code(verifier.extension(head(tree("a", 5), 5), head(tree("b", 5), 5), List.of())))
                .isEqualTo("PRO-183");
    }

    @Test
    void a_forked_log_cannot_be_shown_to_extend_the_one_that_was_seen() {
        NaiveTree fork = tree("b", 13);

        assertThat(code(verifier.extension(head(tree("a", 6), 6), head(fork, 13), bytes(fork.consistency(6)))))
                .isEqualTo("PRO-183");
    }

    @Test
    void the_whole_log_is_read_in_order_and_one_changed_entry_shows() {
        GrowingTree good = new GrowingTree();
        GrowingTree swapped = new GrowingTree();
        for (int i = 0; i < 13; i++) {
            good.append(entry("a", i));
            swapped.append(entry("a", i == 4 ? 5 : i == 5 ? 4 : i));
        }
        LogHead head = head(tree("a", 13), 13);

        assertThat(code(verifier.whole(good, head))).isEqualTo("proven");
        assertThat(code(verifier.whole(swapped, head))).isEqualTo("PRO-185");
        good.append(entry("a", 13));
        assertThat(code(verifier.whole(good, head))).isEqualTo("PRO-185");
    }

    @Test
    void a_co_signature_holds_for_its_head_its_AECS_and_its_time_only() {
        CoSignedHead statement = CoSignedHead.newBuilder()
                .setInstanceId(ByteString.copyFrom(new byte[16]))
                .setIdentityPublicKey(ByteString.copyFrom(identity.getPublic().getEncoded()))
                .setHead(head(tree("a", 5), 5))
                .setWitnessedAtUnixMillis(2_000)
                .build();
        CoSignedHead good =
                CoSignatures.sign(witness.getPrivate(), witness.getPublic().getEncoded(), statement);

        assertThat(code(CoSignatures.verify(good))).isEqualTo("proven");
        assertThat(code(CoSignatures.verify(
                        good.toBuilder().setWitnessedAtUnixMillis(2_001).build())))
                .isEqualTo("PRO-186");
        assertThat(code(CoSignatures.verify(
                        good.toBuilder().setHead(head(tree("b", 5), 5)).build())))
                .isEqualTo("PRO-186");
        assertThat(code(CoSignatures.verify(good.toBuilder()
                        .setInstanceId(ByteString.copyFrom(new byte[15]))
                        .build())))
                .isEqualTo("PRO-186");
        assertThat(code(CoSignatures.verify(CoSignedHead.getDefaultInstance()))).isEqualTo("PRO-186");
        assertThat(code(CoSignatures.verify(good.toBuilder()
                        .setWitnessPublicKey(
                                ByteString.copyFrom(identity.getPublic().getEncoded()))
                        .build())))
                .isEqualTo("PRO-186");
    }
}
