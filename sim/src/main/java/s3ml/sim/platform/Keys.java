package s3ml.sim.platform;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// ECDSA P-256 and digests by the JDK's own providers. Their absence is a broken JDK, hence unchecked.
final class Keys {
    private Keys() {}

    static KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] signDer(PrivateKey key, byte[] content) {
        return sign("SHA256withECDSA", key, content);
    }

    /// r || s, 32 bytes each, as quotes and TCB documents carry it.
    static byte[] signRaw(PrivateKey key, byte[] content) {
        return sign("SHA256withECDSAinP1363Format", key, content);
    }

    private static byte[] sign(String algorithm, PrivateKey key, byte[] content) {
        try {
            Signature signature = Signature.getInstance(algorithm);
            signature.initSign(key);
            signature.update(content);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// X || Y, 32 bytes each, big-endian.
    static byte[] point(KeyPair pair) {
        ECPublicKey key = (ECPublicKey) pair.getPublic();
        return Der.concat(fixed(key.getW().getAffineX(), 32), fixed(key.getW().getAffineY(), 32));
    }

    private static byte[] fixed(BigInteger value, int length) {
        byte[] bytes = value.toByteArray();
        byte[] result = new byte[length];
        int count = Math.min(length, bytes.length);
        System.arraycopy(bytes, bytes.length - count, result, length - count, count);
        return result;
    }

    static byte[] sha(int bits, byte[]... parts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-" + bits);
            for (byte[] part : parts) {
                digest.update(part);
            }
            return digest.digest();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] hmac(byte[] key, byte[]... parts) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            for (byte[] part : parts) {
                mac.update(part);
            }
            return mac.doFinal();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    static byte[] firstBytes(byte[] content, int count) {
        return Arrays.copyOf(content, count);
    }

    /// A key pair in two Base64 lines: PKCS #8 and SubjectPublicKeyInfo.
    static String toText(KeyPair pair) {
        Base64.Encoder encoder = Base64.getEncoder();
        return encoder.encodeToString(pair.getPrivate().getEncoded()) + "\n"
                + encoder.encodeToString(pair.getPublic().getEncoded()) + "\n";
    }

    /// @throws IllegalArgumentException if the text is not what [#toText] writes
    static KeyPair fromText(String text) {
        String[] lines = text.strip().split("\n", -1);
        if (lines.length != 2) {
            throw new IllegalArgumentException("two lines expected, not " + lines.length);
        }
        try {
            KeyFactory factory = KeyFactory.getInstance("EC");
            Base64.Decoder decoder = Base64.getDecoder();
            return new KeyPair(
                    factory.generatePublic(new X509EncodedKeySpec(decoder.decode(lines[1]))),
                    factory.generatePrivate(new PKCS8EncodedKeySpec(decoder.decode(lines[0]))));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not a P-256 key pair", e);
        }
    }
}
