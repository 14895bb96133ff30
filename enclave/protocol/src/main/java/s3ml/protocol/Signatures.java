package s3ml.protocol;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// ECDSA over P-256 with SHA-256, always for a named purpose.
///
/// What is signed is `domain text || 0x00 || part || part …`. The domain keeps a signature made for one purpose
/// from serving another. The parts are not delimited: callers give parts of fixed length, or at most one of
/// variable length, so that no two lists of parts give the same bytes.
///
/// Codes: `PRO-103` a public key that is not P-256 in canonical DER, `PRO-104` such a private key.
public final class Signatures {
    /// A SubjectPublicKeyInfo of an uncompressed P-256 key is 91 bytes; nothing that is much longer is parsed.
    private static final int MAX_KEY_BYTES = 512;

    /// The longest DER form of two 256-bit integers is 72 bytes.
    private static final int MAX_SIGNATURE_BYTES = 80;

    private static final int ORDER_BITS = 256;

    private Signatures() {}

    /// A fresh P-256 key pair.
    public static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", NativeCrypto.provider());
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Conscrypt has no P-256", e);
        }
    }

    /// Signs; the result is DER.
    public static byte[] sign(PrivateKey key, String domain, byte[]... parts) {
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA", NativeCrypto.provider());
            signature.initSign(key);
            update(signature, domain, parts);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("this key cannot sign by ECDSA P-256", e);
        }
    }

    /// Whether `signature` (DER) is the key's over exactly these parts for this purpose.
    public static boolean verify(PublicKey key, byte[] signature, String domain, byte[]... parts) {
        if (signature.length == 0 || signature.length > MAX_SIGNATURE_BYTES) {
            return false;
        }
        try {
            Signature verifier = Signature.getInstance("SHA256withECDSA", NativeCrypto.provider());
            verifier.initVerify(key);
            update(verifier, domain, parts);
            return verifier.verify(signature);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private static void update(Signature signature, String domain, byte[]... parts) throws GeneralSecurityException {
        signature.update(Bytes.utf8(domain));
        signature.update((byte) 0);
        for (byte[] part : parts) {
            signature.update(part);
        }
    }

    /// Reads a P-256 public key; only its canonical DER is accepted, so that one key has one digest.
    ///
    /// @param subjectPublicKeyInfo DER
    /// @throws S3mlException `PRO-103` if it is anything else
    public static PublicKey publicKey(byte[] subjectPublicKeyInfo) {
        if (subjectPublicKeyInfo.length > MAX_KEY_BYTES) {
            throw badPublicKey("it has " + subjectPublicKeyInfo.length + " bytes", null);
        }
        try {
            PublicKey key = KeyFactory.getInstance("EC", NativeCrypto.provider())
                    .generatePublic(new X509EncodedKeySpec(subjectPublicKeyInfo));
            if (!(key instanceof ECPublicKey ec) || ec.getParams().getOrder().bitLength() != ORDER_BITS) {
                throw badPublicKey("it is on another curve", null);
            }
            if (!Arrays.equals(key.getEncoded(), subjectPublicKeyInfo)) {
                throw badPublicKey("its encoding is not canonical", null);
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw badPublicKey("it is no DER SubjectPublicKeyInfo of an EC key", e);
        }
    }

    /// Reads a P-256 private key from PKCS #8 DER.
    ///
    /// @throws S3mlException `PRO-104` if it is anything else
    public static PrivateKey privateKey(byte[] pkcs8) {
        try {
            return KeyFactory.getInstance("EC", NativeCrypto.provider())
                    .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new S3mlException(
                    "PRO-104",
                    "cannot read the private key",
                    "it is not PKCS #8 of an EC key",
                    "use a key made by `s3ml key new`",
                    e);
        }
    }

    private static S3mlException badPublicKey(String why, @Nullable Throwable cause) {
        return new S3mlException(
                "PRO-103",
                "cannot use the public key",
                why,
                "give an ECDSA P-256 key as DER SubjectPublicKeyInfo",
                cause);
    }
}
