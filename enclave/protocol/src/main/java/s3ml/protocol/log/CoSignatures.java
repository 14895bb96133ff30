package s3ml.protocol.log;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.PrivateKey;
import java.security.PublicKey;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.CoSignedHead;

/// What a witness signs: that it saw this head of this AECS at this time, and that it extends all heads it signed
/// before.
///
/// | code | meaning |
/// | --- | --- |
/// | `PRO-186` | the co-signature is not by the witness that it names, or not over this head |
public final class CoSignatures {
    private static final String DOMAIN = "s3ml log witness v1";

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
        boolean formed = head.getInstanceId().size() == AecsMessages.INSTANCE_ID_BYTES
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

    private static byte[] signed(CoSignedHead head) {
        byte[] identity = Digest.of(head.getIdentityPublicKey().toByteArray()).bytes();
        return ByteBuffer.allocate(AecsMessages.INSTANCE_ID_BYTES + 2 * Digest.BYTES + 2 * Long.BYTES)
                .put(head.getInstanceId().toByteArray())
                .put(identity)
                .putLong(head.getHead().getTreeSize())
                .put(head.getHead().getRootHash().toByteArray())
                .putLong(head.getWitnessedAtUnixMillis())
                .array();
    }
}
