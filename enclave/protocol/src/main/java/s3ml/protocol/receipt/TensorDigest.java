package s3ml.protocol.receipt;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import s3ml.attest.Digest;

/// Digest of a list of tensors that does not depend on how they travelled: JSON, binary or gRPC give the same.
///
/// SHA-256 over: `s3ml receipt tensors v1` 0x00, the salt (32 bytes), and for each tensor in order its name and
/// datatype (UTF-8, each behind its length in 4 bytes), its rank (4 bytes), dimensions (8 bytes each), length of its
/// contents (8 bytes) and the contents, row-major and little-endian. Other integers are big-endian. Not thread-safe.
public final class TensorDigest {
    private final MessageDigest sha256;

    /// @param salt chosen at random by the client
    public TensorDigest(Digest salt) {
        try {
            this.sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        sha256.update("s3ml receipt tensors v1\0".getBytes(StandardCharsets.US_ASCII));
        sha256.update(salt.bytes());
    }

    /// Adds a tensor.
    ///
    /// @param contents its remaining bytes; not changed
    public TensorDigest add(String name, String datatype, long[] shape, ByteBuffer contents) {
        text(name);
        text(datatype);
        ByteBuffer numbers = ByteBuffer.allocate(Integer.BYTES + Long.BYTES * (shape.length + 1));
        numbers.putInt(shape.length);
        for (long dim : shape) {
            numbers.putLong(dim);
        }
        numbers.putLong(contents.remaining());
        sha256.update(numbers.flip());
        sha256.update(contents.duplicate());
        return this;
    }

    private void text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
        sha256.update(bytes);
    }

    /// The digest; the object is of no use afterwards.
    public Digest digest() {
        return Digest.ofBytes(sha256.digest());
    }
}
