package s3ml.aecs.state;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import s3ml.protocol.NativeCrypto;

/// SHA-256 of bytes put together.
final class Hashes {
    static final int BYTES = 32;

    private Hashes() {}

    static byte[] sha256(byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256", NativeCrypto.provider());
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no SHA-256", e);
        }
    }
}
