package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;

/// A key configuration of Oblivious HTTP (RFC 9458 section 3.1): the public key to which clients seal bodies.
///
/// | bytes | content |
/// | --- | --- |
/// | 1 | key identifier |
/// | 2 | KEM, always 0x0020 (X25519, HKDF-SHA256) |
/// | 32 | public key |
/// | 2 | length of the algorithms: 4 for each |
/// | 4 each | KDF, AEAD; one must be 0x0001 (HKDF-SHA256), 0x0002 (AES-256-GCM) |
///
/// Codes: `PRO-106` bytes that are not such a configuration.
///
/// @param keyId 0 to 255
/// @param publicKey 32 bytes
public record HpkeKeyConfig(int keyId, ByteString publicKey) {
    /// DHKEM(X25519, HKDF-SHA256).
    static final short KEM = 0x0020;

    static final short KDF = 0x0001;
    static final short AEAD = 0x0002;

    private static final int MAX_KEY_ID = 255;
    private static final int ALGORITHM_BYTES = 4;

    /// One current key and its predecessor are usual; more than this is not read.
    private static final int MAX_CONFIGS = 16;

    private static final int ENCODED_BYTES = 1 + 2 + Hpke.KEY_BYTES + 2 + ALGORITHM_BYTES;

    public HpkeKeyConfig {
        if (keyId < 0 || keyId > MAX_KEY_ID) {
            throw new IllegalArgumentException("keyId " + keyId + " is not within 0..255");
        }
        if (publicKey.size() != Hpke.KEY_BYTES) {
            throw new IllegalArgumentException("publicKey has " + publicKey.size() + " bytes, not 32");
        }
    }

    /// The configuration as RFC 9458 encodes it, 41 bytes.
    public byte[] encode() {
        return ByteBuffer.allocate(ENCODED_BYTES)
                .put((byte) keyId)
                .putShort(KEM)
                .put(publicKey.asReadOnlyByteBuffer())
                .putShort((short) ALGORITHM_BYTES)
                .putShort(KDF)
                .putShort(AEAD)
                .array();
    }

    /// Reads configurations that follow each other without a length, up to the end of `encoded`.
    ///
    /// @throws S3mlException `PRO-106` on anything that is not wholly understood
    public static List<HpkeKeyConfig> parseAll(byte[] encoded) {
        ByteBuffer in = ByteBuffer.wrap(encoded);
        List<HpkeKeyConfig> configs = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                if (configs.size() == MAX_CONFIGS) {
                    throw malformed("there are more than " + MAX_CONFIGS);
                }
                configs.add(parseOne(in));
            }
        } catch (BufferUnderflowException ignored) {
            throw malformed("it ends too early");
        }
        return List.copyOf(configs);
    }

    private static HpkeKeyConfig parseOne(ByteBuffer in) {
        int keyId = Byte.toUnsignedInt(in.get());
        short kem = in.getShort();
        if (kem != KEM) {
            // The length of another KEM's key is unknown, so what follows cannot be found.
            throw malformed("KEM 0x%04x is not X25519".formatted(Short.toUnsignedInt(kem)));
        }
        byte[] key = new byte[Hpke.KEY_BYTES];
        in.get(key);
        int algorithms = Short.toUnsignedInt(in.getShort());
        if (algorithms == 0 || algorithms % ALGORITHM_BYTES != 0) {
            throw malformed("its algorithms take " + algorithms + " bytes");
        }
        boolean usable = false;
        for (int i = 0; i < algorithms / ALGORITHM_BYTES; i++) {
            short kdf = in.getShort();
            short aead = in.getShort();
            usable |= kdf == KDF && aead == AEAD;
        }
        if (!usable) {
            throw malformed("it offers no HKDF-SHA256 with AES-256-GCM");
        }
        return new HpkeKeyConfig(keyId, ByteString.copyFrom(key));
    }

    private static S3mlException malformed(String why) {
        return new S3mlException(
                "PRO-106", "refused HPKE key configuration", why, "fetch the service description again");
    }
}
