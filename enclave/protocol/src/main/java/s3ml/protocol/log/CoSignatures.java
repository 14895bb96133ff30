package s3ml.protocol.log;

import static s3ml.protocol.AecsMessages.INSTANCE_ID_BYTES;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.util.Optional;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.NewestRequest;
import s3ml.wire.aecs.NewestResponse;

/// What a witness signs: that it saw this head of this AECS at this time, and that it extends all heads it signed
/// before. To who asks with a nonce it also signs which head is the newest, so that nobody between can answer with an
/// older one.
///
/// | code | meaning |
/// | --- | --- |
/// | `PRO-186` | the co-signature is not by the witness that it names, or not over this head |
public final class CoSignatures {
    /// Bytes of a nonce with which the newest head is asked for.
    public static final int NONCE_BYTES = 32;

    private static final String DOMAIN = "s3ml log witness v1";
    private static final String NEWEST_DOMAIN = "s3ml log witness newest v1";

    private CoSignatures() {}

    /// Signs.
    ///
    /// @param statement everything but the signature and the key
    /// @param publicKey SubjectPublicKeyInfo of the same key, DER
    public static CoSignedHead sign(PrivateKey witness, byte[] publicKey, CoSignedHead statement) {
        return statement.toBuilder()
                .setWitnessPublicKey(ByteString.copyFrom(publicKey))
                .setSignature(ByteString.copyFrom(Signatures.sign(witness, DOMAIN, signed(statement))))
                .build();
    }

    /// Whether the witness signed this head, and the AECS too.
    public static LogVerdict verify(CoSignedHead head) {
        boolean formed = head.getInstanceId().size() == INSTANCE_ID_BYTES
                && head.getHead().getRootHash().size() == Digest.BYTES;
        if (!formed) {
            return new LogVerdict.NotProven("PRO-186", "it has no form of a co-signed head");
        }
        try {
            PublicKey witness = Signatures.publicKey(head.getWitnessPublicKey().toByteArray());
            PublicKey identity =
                    Signatures.publicKey(head.getIdentityPublicKey().toByteArray());
            if (!Signatures.verify(witness, head.getSignature().toByteArray(), DOMAIN, signed(head))) {
                return new LogVerdict.NotProven(
                        "PRO-186",
                        "the witness did not sign the head of size "
                                + head.getHead().getTreeSize());
            }
            return new LogVerifier(identity).head(head.getHead());
        } catch (S3mlException e) {
            return new LogVerdict.NotProven("PRO-186", "one of its keys cannot be read: " + e.getMessage());
        }
    }

    /// The witness's answer to who asks for its newest head; signed if the request has a nonce.
    public static NewestResponse answer(PrivateKey witness, NewestRequest request, Optional<CoSignedHead> newest) {
        NewestResponse.Builder answer = NewestResponse.newBuilder();
        newest.ifPresent(answer::setNewest);
        if (request.getNonce().size() == NONCE_BYTES && request.getInstanceId().size() == INSTANCE_ID_BYTES) {
            byte[] signed = signed(request, answer.getNewest().getHead());
            answer.setSignature(ByteString.copyFrom(Signatures.sign(witness, NEWEST_DOMAIN, signed)));
        }
        return answer.build();
    }

    /// Whether the witness gave this answer to this request, which has a nonce. The head in it is not verified.
    public static boolean isAnswer(PublicKey witness, NewestRequest request, NewestResponse answer) {
        LogHead head = answer.getNewest().getHead();
        boolean formed = request.getNonce().size() == NONCE_BYTES
                && request.getInstanceId().size() == INSTANCE_ID_BYTES
                && answer.hasNewest() == (head.getRootHash().size() == Digest.BYTES);
        return formed
                && Signatures.verify(
                        witness, answer.getSignature().toByteArray(), NEWEST_DOMAIN, signed(request, head));
    }

    private static byte[] signed(NewestRequest request, LogHead head) {
        byte[] root = head.getRootHash().isEmpty()
                ? new byte[Digest.BYTES]
                : head.getRootHash().toByteArray();
        return ByteBuffer.allocate(NONCE_BYTES + INSTANCE_ID_BYTES + Long.BYTES + Digest.BYTES)
                .put(request.getNonce().toByteArray())
                .put(request.getInstanceId().toByteArray())
                .putLong(head.getTreeSize())
                .put(root)
                .array();
    }

    private static byte[] signed(CoSignedHead head) {
        byte[] identity = Digest.of(head.getIdentityPublicKey().toByteArray()).bytes();
        return ByteBuffer.allocate(INSTANCE_ID_BYTES + 2 * Digest.BYTES + 2 * Long.BYTES)
                .put(head.getInstanceId().toByteArray())
                .put(identity)
                .putLong(head.getHead().getTreeSize())
                .put(head.getHead().getRootHash().toByteArray())
                .putLong(head.getWitnessedAtUnixMillis())
                .array();
    }
}
