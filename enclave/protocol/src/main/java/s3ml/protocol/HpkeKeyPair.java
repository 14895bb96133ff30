package s3ml.protocol;

import com.google.protobuf.ByteString;
import s3ml.attest.SecretBytes;

/// An X25519 key pair for [Hpke].
///
/// @param publicKey 32 bytes, raw
/// @param privateKey 32 bytes, raw; closed with this pair
public record HpkeKeyPair(ByteString publicKey, SecretBytes privateKey) implements AutoCloseable {
    public HpkeKeyPair {
        if (publicKey.size() != Hpke.KEY_BYTES || privateKey.length() != Hpke.KEY_BYTES) {
            throw new IllegalArgumentException("X25519 keys have 32 bytes");
        }
    }

    @Override
    public void close() {
        privateKey.close();
    }
}
