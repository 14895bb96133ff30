package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import s3ml.attest.SecretBytes;
import s3ml.protocol.NativeCrypto;
import s3ml.wire.aecs.state.SealedRecord;

/// Seals and opens records: AES-256-GCM with the record's name and version in the associated data.
///
/// Each name and version has its own key, so that random nonces stay safe for any number of commits. Thread-safe.
final class RecordSealer implements AutoCloseable {
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretBytes key;
    private final SecureRandom random;

    RecordSealer(RootSecret root, SecureRandom random) {
        this.key = root.derive("s3ml aecs records v1", 32);
        this.random = random;
    }

    /// Serialized [SealedRecord].
    byte[] seal(String name, long version, byte[] plaintext) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] ciphertext =
                    cipher(Cipher.ENCRYPT_MODE, name, version, nonce).doFinal(plaintext);
            return SealedRecord.newBuilder()
                    .setVersion(version)
                    .setNonce(ByteString.copyFrom(nonce))
                    .setCiphertext(ByteString.copyFrom(ciphertext))
                    .build()
                    .toByteArray();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("AES-256-GCM failed to encrypt", e);
        }
    }

    /// The plaintext and version, or empty if this is no record of that name sealed under this root.
    Optional<Opened> open(String name, byte[] sealed) {
        SealedRecord record;
        try {
            record = SealedRecord.parseFrom(sealed);
        } catch (InvalidProtocolBufferException e) {
            return Optional.empty();
        }
        if (record.getNonce().size() != NONCE_BYTES || record.getVersion() <= 0) {
            return Optional.empty();
        }
        try {
            byte[] plaintext = cipher(
                            Cipher.DECRYPT_MODE,
                            name,
                            record.getVersion(),
                            record.getNonce().toByteArray())
                    .doFinal(record.getCiphertext().toByteArray());
            return Optional.of(new Opened(record.getVersion(), ByteString.copyFrom(plaintext)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, String name, long version, byte[] nonce) throws GeneralSecurityException {
        byte[] context = context(name, version);
        byte[] recordKey = key.expose(bytes -> hmac(bytes, context));
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding", NativeCrypto.provider());
        cipher.init(mode, new SecretKeySpec(recordKey, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context);
        Arrays.fill(recordKey, (byte) 0);
        return cipher;
    }

    private static byte[] context(String name, long version) {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + text.length)
                .putLong(version)
                .put(text)
                .array();
    }

    private static byte[] hmac(byte[] key, byte[] message) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256", NativeCrypto.provider());
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(message);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no HMAC-SHA256", e);
        }
    }

    @Override
    public void close() {
        key.close();
    }

    /// A record's content and the version it was sealed with.
    record Opened(long version, ByteString plaintext) {}
}
