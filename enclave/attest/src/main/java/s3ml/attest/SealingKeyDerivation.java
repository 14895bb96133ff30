package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// Derives 32-byte sealing keys from a hardware key: HKDF-SHA256 (RFC 5869) with one block of output.
final class SealingKeyDerivation {
    static final int LONGEST_CONTEXT = 4096;

    private static final byte[] SALT = "s3ml sealing key v1".getBytes(StandardCharsets.US_ASCII);

    private SealingKeyDerivation() {}

    static SecretBytes derive(SecretBytes root, SealTo to, byte[] context) {
        if (context.length > LONGEST_CONTEXT) {
            throw new IllegalArgumentException("a sealing context has at most 4096 bytes, not " + context.length);
        }
        byte[] info = (to.name() + "\0").getBytes(StandardCharsets.US_ASCII);
        try (SecretBytes extracted = SecretBytes.takeOver(root.expose(key -> hmac(SALT, key)))) {
            return SecretBytes.takeOver(extracted.expose(key -> hmac(key, info, context, new byte[] {1})));
        }
    }

    private static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform must have HmacSHA256", e);
        }
    }
}
