package s3ml.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.conscrypt.HpkeContextRecipient;
import org.conscrypt.HpkeContextSender;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;

/// Hybrid public key encryption (RFC 9180), base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
///
/// Base mode says nothing about the sender: whoever needs to know him adds a signature or evidence.
///
/// Codes: `PRO-101` a public key that is no X25519 key, `PRO-102` a message that does not open.
public final class Hpke {
    /// Length of a public key, a private key and an encapsulated key.
    public static final int KEY_BYTES = 32;

    /// What AES-GCM adds to a plaintext.
    public static final int TAG_BYTES = 16;

    private static final String SUITE = "DHKEM_X25519_HKDF_SHA256/HKDF_SHA256/AES_256_GCM";
    // RFC 8410: the DER around 32 raw key bytes of X25519.
    private static final byte[] SPKI_PREFIX = {0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00};
    private static final byte[] PKCS8_PREFIX = {
        0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e, 0x04, 0x22, 0x04, 0x20
    };

    private Hpke() {}

    /// A fresh key pair. The caller closes it, which zeroes the private half.
    public static HpkeKeyPair generate() {
        try {
            KeyPair pair =
                    KeyPairGenerator.getInstance("XDH", NativeCrypto.provider()).generateKeyPair();
            byte[] spki = pair.getPublic().getEncoded();
            byte[] pkcs8 = pair.getPrivate().getEncoded();
            byte[] secret = Arrays.copyOfRange(pkcs8, pkcs8.length - KEY_BYTES, pkcs8.length);
            Arrays.fill(pkcs8, (byte) 0);
            return new HpkeKeyPair(
                    ByteString.copyFrom(spki, spki.length - KEY_BYTES, KEY_BYTES), SecretBytes.takeOver(secret));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no X25519", e);
        }
    }

    /// Seals one message to `publicKey` (32 bytes); the receiver must give the same `info` and `aad`.
    public static Sealed seal(ByteString publicKey, byte[] info, byte[] aad, byte[] plaintext) {
        Sender sender = sender(publicKey, info);
        return new Sealed(sender.encapsulatedKey(), UnsafeByteOperations.unsafeWrap(sender.seal(aad, plaintext)));
    }

    /// Opens one message.
    ///
    /// @throws S3mlException `PRO-102` if anything differs from what was sealed
    public static byte[] open(SecretBytes privateKey, byte[] info, byte[] aad, Sealed message) {
        return recipient(privateKey, message.encapsulatedKey(), info)
                .open(aad, message.ciphertext().toByteArray());
    }

    /// A sending context, for several messages in order or for exported secrets.
    public static Sender sender(ByteString publicKey, byte[] info) {
        try {
            HpkeContextSender context = HpkeContextSender.getInstance(SUITE, NativeCrypto.provider());
            context.init(publicKey(publicKey), info);
            return new Sender(context);
        } catch (InvalidKeyException e) {
            throw badKey(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt lacks the suite " + SUITE, e);
        }
    }

    /// The receiving context of `encapsulatedKey`.
    ///
    /// @throws S3mlException `PRO-102` if the encapsulated key is no X25519 key
    public static Recipient recipient(SecretBytes privateKey, ByteString encapsulatedKey, byte[] info) {
        if (encapsulatedKey.size() != KEY_BYTES) {
            throw notOpened(null);
        }
        try {
            HpkeContextRecipient context = HpkeContextRecipient.getInstance(SUITE, NativeCrypto.provider());
            context.init(encapsulatedKey.toByteArray(), privateKey.expose(Hpke::privateKey), info);
            return new Recipient(context);
        } catch (InvalidKeyException e) {
            throw notOpened(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt lacks the suite " + SUITE, e);
        } catch (IllegalArgumentException | IllegalStateException e) {
            // Conscrypt's answer to a point of small order.
            throw notOpened(e);
        }
    }

    private static PublicKey publicKey(ByteString raw) {
        if (raw.size() != KEY_BYTES) {
            throw badKey(null);
        }
        try {
            return KeyFactory.getInstance("XDH", NativeCrypto.provider())
                    .generatePublic(new X509EncodedKeySpec(Bytes.concat(SPKI_PREFIX, raw.toByteArray())));
        } catch (GeneralSecurityException e) {
            throw badKey(e);
        }
    }

    private static PrivateKey privateKey(byte[] raw) {
        if (raw.length != KEY_BYTES) {
            throw new IllegalArgumentException("an X25519 private key has 32 bytes, not " + raw.length);
        }
        byte[] der = Bytes.concat(PKCS8_PREFIX, raw);
        try {
            return KeyFactory.getInstance("XDH", NativeCrypto.provider()).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt refused 32 bytes as an X25519 key", e);
        } finally {
            Arrays.fill(der, (byte) 0);
        }
    }

    private static S3mlException badKey(@Nullable Throwable cause) {
        return new S3mlException(
                "PRO-101",
                "cannot seal to this HPKE key",
                "it is not a usable X25519 public key of 32 bytes",
                "fetch the key again from its owner",
                cause);
    }

    private static S3mlException notOpened(@Nullable Throwable cause) {
        return new S3mlException(
                "PRO-102",
                "sealed message does not open",
                "it was sealed to another key, for another purpose, or changed on its way",
                "ask the sender to seal it again to the current key",
                cause);
    }

    /// A sealed message: the encapsulated key (32 bytes) and the ciphertext with its tag.
    public record Sealed(ByteString encapsulatedKey, ByteString ciphertext) {}

    /// Seals messages in order under one encapsulated key. Not safe for use by several threads.
    public static final class Sender {
        private final HpkeContextSender context;

        private Sender(HpkeContextSender context) {
            this.context = context;
        }

        /// 32 bytes which the receiver needs.
        public ByteString encapsulatedKey() {
            return ByteString.copyFrom(context.getEncapsulated());
        }

        /// The next message of this context.
        public byte[] seal(byte[] aad, byte[] plaintext) {
            return context.seal(plaintext, aad);
        }

        /// Exports a secret (RFC 9180 section 5.3) of `length` bytes.
        public SecretBytes export(byte[] exporterContext, int length) {
            return SecretBytes.takeOver(context.export(length, exporterContext));
        }
    }

    /// Opens messages in order. Not safe for use by several threads.
    public static final class Recipient {
        private final HpkeContextRecipient context;

        private Recipient(HpkeContextRecipient context) {
            this.context = context;
        }

        /// Opens the next message of this context.
        ///
        /// @throws S3mlException `PRO-102` if it does not open
        public byte[] open(byte[] aad, byte[] ciphertext) {
            if (ciphertext.length < TAG_BYTES) {
                throw notOpened(null);
            }
            try {
                return context.open(ciphertext, aad);
            } catch (GeneralSecurityException e) {
                throw notOpened(e);
            }
        }

        /// Exports a secret (RFC 9180 section 5.3) of `length` bytes.
        public SecretBytes export(byte[] exporterContext, int length) {
            return SecretBytes.takeOver(context.export(length, exporterContext));
        }
    }
}
