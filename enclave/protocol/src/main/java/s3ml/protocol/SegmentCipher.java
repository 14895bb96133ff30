package s3ml.protocol;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import s3ml.attest.Digest;
import s3ml.attest.SecretBytes;

/// AES-256-GCM over the segments of one package. Not safe for use by several threads.
final class SegmentCipher {
    private static final int TAG_BITS = PackageLayout.SEGMENT_TAG_BYTES * 8;

    private final SecretKeySpec key;
    private final Digest manifestDigest;
    private final int segmentCount;
    private final Cipher cipher;

    /// The key is copied into the cipher for as long as this object lives.
    SegmentCipher(SecretBytes segmentKey, Digest manifestDigest, int segmentCount) {
        this.key = segmentKey.expose(bytes -> new SecretKeySpec(bytes, "AES"));
        this.manifestDigest = manifestDigest;
        this.segmentCount = segmentCount;
        try {
            this.cipher = Cipher.getInstance(PackageLayout.CIPHER, NativeCrypto.provider());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no AES-GCM", e);
        }
    }

    /// Seals the remaining bytes of `plaintext` as segment `index`, appending ciphertext and tag to `target`.
    void seal(int index, ByteBuffer plaintext, ByteBuffer target) {
        try {
            init(Cipher.ENCRYPT_MODE, index);
            cipher.doFinal(plaintext, target);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM refused to seal a segment", e);
        }
    }

    /// Opens `sealed` (ciphertext and tag) as segment `index` into `target`, which has exactly the plaintext's size.
    ///
    /// @return false if it does not authenticate; `target` then holds nothing of use
    boolean open(int index, ByteBuffer sealed, MemorySegment target) {
        try {
            init(Cipher.DECRYPT_MODE, index);
            cipher.doFinal(sealed, target.asByteBuffer());
            return true;
        } catch (AEADBadTagException e) {
            target.fill((byte) 0);
            return false;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-GCM refused to open a segment", e);
        }
    }

    private void init(int mode, int index) throws GeneralSecurityException {
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, PackageLayout.nonce(index)));
        cipher.updateAAD(PackageLayout.associatedData(manifestDigest, index, index == segmentCount - 1));
    }
}
