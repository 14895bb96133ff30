package s3ml.protocol.log;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import s3ml.attest.Digest;

/// How policies and admins stand in the transparency log: as salted digests, so that who knows a policy or a key does
/// not find its entries, and who was given the salt can prove which they are.
public final class LogCommitments {
    private static final String POLICY = "s3ml log policy v1";
    private static final String ADMIN = "s3ml log admin v1";

    private LogCommitments() {}

    /// The commitment to a policy.
    ///
    /// @param salt of the service, from its description or a receipt
    public static ByteString policy(ByteString salt, Digest policy) {
        return commitment(POLICY, salt, policy);
    }

    /// The commitment to an admin.
    ///
    /// @param salt from a receipt of that admin
    /// @param publicKey SubjectPublicKeyInfo, DER
    public static ByteString admin(ByteString salt, ByteString publicKey) {
        return commitment(ADMIN, salt, Digest.of(publicKey.toByteArray()));
    }

    private static ByteString commitment(String domain, ByteString salt, Digest of) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(domain.getBytes(StandardCharsets.UTF_8));
        bytes.write(0);
        bytes.writeBytes(salt.toByteArray());
        bytes.writeBytes(of.bytes());
        return ByteString.copyFrom(Digest.of(bytes.toByteArray()).bytes());
    }
}
