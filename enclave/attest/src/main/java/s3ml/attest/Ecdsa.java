package s3ml.attest;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.Provider;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.X509EncodedKeySpec;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;

/// Verifies ECDSA signatures on P-256 with SHA-256, by the provider that the caller chose. Thread-safe.
final class Ecdsa {
    /// Over a digest that is computed beside it: a provider in native code makes two objects with a finalizer for every
    /// digest that it computes itself.
    private static final String ALGORITHM = "NONEwithECDSA";
    /// SubjectPublicKeyInfo of an uncompressed P-256 point, up to the point.
    private static final byte[] SPKI = Der.octetsOf(
            0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
            0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00);
    /// As many threads verify without making new objects; some 100 bytes apiece.
    private static final int MOST_IDLE = 16;

    private static final BigInteger P =
            new BigInteger("ffffffff00000001000000000000000000000000ffffffffffffffffffffffff", 16);
    private static final BigInteger B =
            new BigInteger("5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604b", 16);

    private final @Nullable Provider provider;
    /// The chosen provider's; null for the JDK, whose own would move on to another provider for good once one refused a
    /// key.
    private final @Nullable KeyFactory keys;

    private final boolean providerChecksPoints;
    /// Objects between two uses; each use begins with a new key and an empty message.
    private final Queue<Verifier> idle = new ArrayBlockingQueue<>(MOST_IDLE);

    private record Verifier(Signature signature, MessageDigest sha256) {}

    Ecdsa(@Nullable Provider provider) {
        this.provider = provider;
        this.keys = provider == null ? null : keyFactory(provider);
        this.providerChecksPoints = refusesPointOffTheCurve();
    }

    /// Whether the provider itself refuses a point that is not on the curve: found out, because not all do.
    private boolean refusesPointOffTheCurve() {
        byte[] off = new byte[64];
        off[31] = 1;
        off[63] = 1;
        try {
            key(ByteView.of(off));
            return false;
        } catch (Malformed e) {
            return true;
        }
    }

    /// A key from the 64 bytes of X and Y, big-endian, that a quote brings; refuses a point that is not on the curve.
    PublicKey foreignKey(ByteView xy) throws Malformed {
        if (!providerChecksPoints) {
            requireOnCurve(xy);
        }
        return key(xy);
    }

    /// A key from the 64 bytes of X and Y, big-endian, of a certificate: what it verifies counts only under an issuer
    /// that vouched for the point.
    PublicKey key(ByteView xy) throws Malformed {
        byte[] encoded = new byte[SPKI.length + 65];
        System.arraycopy(SPKI, 0, encoded, 0, SPKI.length);
        encoded[SPKI.length] = 4;
        System.arraycopy(xy.array(), xy.from(), encoded, SPKI.length + 1, 64);
        try {
            return (keys == null ? keyFactory(null) : keys).generatePublic(new X509EncodedKeySpec(encoded));
        } catch (InvalidKeySpecException e) {
            throw new Malformed("the provider refuses the public key");
        }
    }

    private static KeyFactory keyFactory(@Nullable Provider provider) {
        try {
            return provider == null ? KeyFactory.getInstance("EC") : KeyFactory.getInstance("EC", provider);
        } catch (NoSuchAlgorithmException e) {
            throw unusable(provider, e);
        }
    }

    private static void requireOnCurve(ByteView xy) throws Malformed {
        BigInteger x = new BigInteger(1, xy.array(), xy.from(), 32);
        BigInteger y = new BigInteger(1, xy.array(), xy.from() + 32, 32);
        if (x.compareTo(P) >= 0 || y.compareTo(P) >= 0) {
            throw new Malformed("a coordinate of the public key is out of range");
        }
        BigInteger right =
                x.multiply(x).subtract(BigInteger.valueOf(3)).multiply(x).add(B).mod(P);
        if (!y.multiply(y).mod(P).equals(right)) {
            throw new Malformed("the public key is not a point of P-256");
        }
    }

    /// Whether `signature`, 64 bytes of r and s, big-endian, is one of `message`.
    boolean verifiesRaw(PublicKey key, ByteView message, ByteView signature) {
        return signature.length() == 64 && verifies(key, message, derOf(signature));
    }

    /// Whether `signature`, DER, is one of `message`.
    boolean verifies(PublicKey key, ByteView message, ByteView signature) {
        Verifier verifier = taken();
        try {
            verifier.sha256.update(message.array(), message.from(), message.length());
            verifier.signature.initVerify(key);
            verifier.signature.update(verifier.sha256.digest());
            boolean verified = verifier.signature.verify(signature.array(), signature.from(), signature.length());
            // One that failed otherwise is not used again; one too many is dropped.
            idle.offer(verifier);
            return verified;
        } catch (SignatureException | InvalidKeyException e) {
            return false;
        }
    }

    /// The SHA-256 of one range after the other.
    byte[] digest(ByteView... ranges) {
        Verifier verifier = taken();
        for (ByteView range : ranges) {
            verifier.sha256.update(range.array(), range.from(), range.length());
        }
        byte[] digest = verifier.sha256.digest();
        idle.offer(verifier);
        return digest;
    }

    private Verifier taken() {
        Verifier known = idle.poll();
        if (known != null) {
            return known;
        }
        try {
            Signature signature =
                    provider == null ? Signature.getInstance(ALGORITHM) : Signature.getInstance(ALGORITHM, provider);
            return new Verifier(signature, Digest.sha256());
        } catch (NoSuchAlgorithmException e) {
            throw unusable(provider, e);
        }
    }

    private static S3mlException unusable(@Nullable Provider provider, GeneralSecurityException e) {
        return new S3mlException(
                "ATT-204",
                "could not verify signatures",
                "the provider " + (provider == null ? "of the JDK" : provider.getName()) + " lacks ECDSA on P-256",
                "choose another provider",
                e);
    }

    private static ByteView derOf(ByteView raw) {
        byte[] out = new byte[72];
        int at = 2;
        at = integer(raw, 0, out, at);
        at = integer(raw, 32, out, at);
        out[0] = 0x30;
        out[1] = (byte) (at - 2);
        return new ByteView(out, 0, at);
    }

    private static int integer(ByteView raw, int from, byte[] out, int at) {
        int first = from;
        while (first < from + 31 && raw.u8(first) == 0) {
            first++;
        }
        int count = from + 32 - first;
        boolean pad = raw.u8(first) >= 0x80;
        out[at++] = Der.INTEGER;
        out[at++] = (byte) (pad ? count + 1 : count);
        if (pad) {
            out[at++] = 0;
        }
        System.arraycopy(raw.array(), raw.from() + first, out, at, count);
        return at + count;
    }
}
