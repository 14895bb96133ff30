package s3ml.sim.epc;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.Provider;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.conscrypt.Conscrypt;
import s3ml.attest.S3mlException;

/// AES-128-GCM of single pages, as EWB and ELDU do. Not thread-safe: one per thread.
final class PageCipher {
    static final int KEY_BYTES = 16;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 8 * EpcLayout.TAG;
    private static final Provider PROVIDER = Conscrypt.newProvider();

    private final SecretKeySpec key;
    private final Cipher cipher;
    private final ByteBuffer nonce = ByteBuffer.allocate(NONCE_BYTES);

    PageCipher(byte[] key) {
        try {
            this.key = new SecretKeySpec(key, "AES");
            this.cipher = Cipher.getInstance("AES/GCM/NoPadding", PROVIDER);
        } catch (GeneralSecurityException impossible) {
            throw new IllegalStateException("AES-GCM is always there", impossible);
        }
    }

    void evict(MemorySegment page, MemorySegment swapped, int slot, int index, long version) {
        run(Cipher.ENCRYPT_MODE, page, swapped, slot, index, version);
    }

    void load(MemorySegment swapped, MemorySegment page, int slot, int index, long version) {
        run(Cipher.DECRYPT_MODE, swapped, page, slot, index, version);
    }

    private void run(int mode, MemorySegment from, MemorySegment to, int slot, int index, long version) {
        try {
            // Slot and page fill four bytes, the version eight: no nonce comes twice under a key.
            nonce.clear().putInt(slot << 24 | index).putLong(version);
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce.array()));
            cipher.doFinal(from.asByteBuffer(), to.asByteBuffer());
        } catch (GeneralSecurityException broken) {
            throw new S3mlException(
                    "SIM-151",
                    "a page of the emulated EPC does not decrypt",
                    "slot " + slot + ", page " + index + ", version " + version,
                    "the shared file was damaged or its process killed while it wrote; make a new pool",
                    broken);
        }
    }
}
