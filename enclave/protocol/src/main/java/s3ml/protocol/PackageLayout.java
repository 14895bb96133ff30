package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import s3ml.attest.Digest;
import s3ml.attest.SecretBytes;

/// The numbers and derived values of the package format that writer and reader must compute alike; the format
/// itself is in the documentation of this package.
final class PackageLayout {
    static final byte[] MAGIC = Bytes.utf8("S3MLPKG1");
    static final int LENGTH_BYTES = 4;
    static final int TAG_BYTES = 32;
    static final int SALT_BYTES = 32;
    static final int KEY_BYTES = 32;
    static final int SEGMENT_BYTES = 65_536;
    static final int SEGMENT_TAG_BYTES = 16;
    static final int NONCE_BYTES = 12;
    static final String CIPHER = "AES/GCM/NoPadding";
    static final int PREFIX_BYTES = MAGIC.length + LENGTH_BYTES;

    /// The shortest JSON object.
    static final int MIN_MANIFEST_BYTES = 2;

    /// A manifest is held in memory whole, before it is authenticated; 10,000 labels of ordinary length fit.
    static final int MAX_MANIFEST_BYTES = 1 << 20;

    /// Far above any model that an enclave's memory takes, and 2^17 segments: far below the 2^32 of the nonce.
    static final long MAX_MODEL_BYTES = 8L << 30;

    private PackageLayout() {}

    static SecretBytes manifestKey(SecretBytes packageKey, ByteString salt) {
        return Hkdf.derive(packageKey, salt.toByteArray(), "s3ml package v1 manifest", KEY_BYTES);
    }

    static SecretBytes segmentKey(SecretBytes packageKey, ByteString salt) {
        return Hkdf.derive(packageKey, salt.toByteArray(), "s3ml package v1 segments", KEY_BYTES);
    }

    static int segmentCount(long modelSize) {
        return Math.toIntExact((modelSize + SEGMENT_BYTES - 1) / SEGMENT_BYTES);
    }

    /// Plaintext bytes of segment `index`.
    static int segmentBytes(long modelSize, int index) {
        return (int) Math.min(SEGMENT_BYTES, modelSize - (long) index * SEGMENT_BYTES);
    }

    /// Where the ciphertext of segment `index` starts.
    static long segmentOffset(int manifestBytes, int index) {
        return PREFIX_BYTES + (long) manifestBytes + TAG_BYTES + (long) index * (SEGMENT_BYTES + SEGMENT_TAG_BYTES);
    }

    /// The one length that a package with this manifest can have.
    static long fileBytes(int manifestBytes, long modelSize) {
        return PREFIX_BYTES
                + (long) manifestBytes
                + TAG_BYTES
                + modelSize
                + (long) segmentCount(modelSize) * SEGMENT_TAG_BYTES;
    }

    static byte[] nonce(int index) {
        return ByteBuffer.allocate(NONCE_BYTES).putLong(0).putInt(index).array();
    }

    static byte[] associatedData(Digest manifestDigest, int index, boolean last) {
        return ByteBuffer.allocate(Digest.BYTES + Integer.BYTES + 1)
                .put(manifestDigest.bytes())
                .putInt(index)
                .put((byte) (last ? 1 : 0))
                .array();
    }

    static byte[] prefix(int manifestBytes) {
        return ByteBuffer.allocate(PREFIX_BYTES)
                .put(MAGIC)
                .putInt(manifestBytes)
                .array();
    }
}
