package s3ml.protocol;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import s3ml.attest.SecretBytes;

/// HKDF with SHA-256 (RFC 5869): extract, then expand.
public final class Hkdf {
    private static final int HASH_BYTES = 32;
    /// RFC 5869 section 2.3: at most 255 blocks of the hash.
    private static final int MAX_OUTPUT_BYTES = 255 * HASH_BYTES;

    private Hkdf() {}

    /// Derives `length` bytes (1 to 8160) from `inputKey`; `info` is taken as UTF-8.
    public static SecretBytes derive(SecretBytes inputKey, byte[] salt, String info, int length) {
        return inputKey.expose(
                key -> SecretBytes.takeOver(deriveBytes(key, salt, info.getBytes(StandardCharsets.UTF_8), length)));
    }

    /// As [#derive], on plain arrays.
    static byte[] deriveBytes(byte[] inputKey, byte[] salt, byte[] info, int length) {
        if (length < 1 || length > MAX_OUTPUT_BYTES) {
            throw new IllegalArgumentException("length " + length + " is not within 1.." + MAX_OUTPUT_BYTES);
        }
        try {
            return KDF.getInstance("HKDF-SHA256")
                    .deriveData(HKDFParameterSpec.ofExtract()
                            .addIKM(inputKey)
                            .addSalt(salt)
                            .thenExpand(info, length));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("HKDF-SHA256 is part of every JDK 25", e);
        }
    }
}
