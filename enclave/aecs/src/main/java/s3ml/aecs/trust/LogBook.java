package s3ml.aecs.trust;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import s3ml.aecs.state.LogTree;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.Digest;
import s3ml.attest.SecretBytes;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.log.LogCommitments;
import s3ml.protocol.log.ProofPlan;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.state.Head;

/// The transparency log's public side: signed heads, receipts, pseudonyms. Thread-safe.
public final class LogBook {
    private static final int PSEUDONYM_BYTES = 16;

    private final SealedState state;
    private final RootSecret root;
    private final SecretBytes pseudonymKey;

    public LogBook(SealedState state, RootSecret root) {
        this.state = state;
        this.root = root;
        this.pseudonymKey = root.derive("s3ml aecs log pseudonyms v1", 32);
    }

    /// Names a service in the log: only who holds its description can tell which one it is.
    public ByteString pseudonym(String service) {
        return keyed(service.getBytes(StandardCharsets.UTF_8));
    }

    /// Opens the policy commitments of a service.
    public ByteString policySalt(String service) {
        return keyed(("policy\0" + service).getBytes(StandardCharsets.UTF_8));
    }

    /// How a policy stands in the log; empty for a service that has none.
    public ByteString policyCommitment(String service, ByteString policyDigest) {
        return policyDigest.isEmpty()
                ? ByteString.EMPTY
                : LogCommitments.policy(policySalt(service), Digest.ofBytes(policyDigest.toByteArray()));
    }

    /// Opens the commitments to an admin.
    public ByteString adminSalt(ByteString publicKey) {
        return keyed(ByteString.copyFromUtf8("admin\0").concat(publicKey).toByteArray());
    }

    /// How an admin stands in the log.
    public ByteString adminCommitment(ByteString publicKey) {
        return LogCommitments.admin(adminSalt(publicKey), publicKey);
    }

    private ByteString keyed(byte[] name) {
        return pseudonymKey.expose(key -> {
            try {
                Mac mac = Mac.getInstance("HmacSHA256", NativeCrypto.provider());
                mac.init(new SecretKeySpec(key, "HmacSHA256"));
                return ByteString.copyFrom(Arrays.copyOf(mac.doFinal(name), PSEUDONYM_BYTES));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("Conscrypt has no HMAC-SHA256", e);
            }
        });
    }

    /// The log's head at a state head, signed.
    public LogHead head(Head at) {
        LogTree tree = LogTree.of(at);
        return AecsMessages.signLogHead(
                root.identity().getPrivate(), tree.size(), tree.root().bytes(), at.getCommittedAtUnixMillis());
    }

    /// The newest head, signed.
    public LogHead head() {
        return head(state.head());
    }

    /// Proof that `entry` stands at `index` of the log as it was at a state head.
    public LogReceipt.Builder receipt(long index, ByteString entry, Head at) {
        List<Digest> path = state.proveLog(ProofPlan.inclusion(index, at.getLogSize()));
        return LogReceipt.newBuilder()
                .setIndex(index)
                .setEntry(entry)
                .addAllInclusion(bytes(path))
                .setHead(head(at));
    }

    static List<ByteString> bytes(List<Digest> hashes) {
        return hashes.stream().map(hash -> ByteString.copyFrom(hash.bytes())).toList();
    }
}
