package s3ml.attest;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/// Makes keys, certificates, revocation lists and signatures for evidence that no vendor made.
final class TestPki {
    private TestPki() {}

    static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// X and Y, big-endian.
    static byte[] point(KeyPair keys) {
        ECPublicKey key = (ECPublicKey) keys.getPublic();
        byte[] xy = new byte[64];
        put(key.getW().getAffineX(), xy, 0);
        put(key.getW().getAffineY(), xy, 32);
        return xy;
    }

    private static void put(BigInteger value, byte[] to, int at) {
        byte[] bytes = value.toByteArray();
        int skip = Math.max(0, bytes.length - 32);
        System.arraycopy(bytes, skip, to, at + 32 - (bytes.length - skip), bytes.length - skip);
    }

    static byte[] sign(PrivateKey key, String algorithm, byte[] message) {
        try {
            Signature signer = Signature.getInstance(algorithm);
            signer.initSign(key);
            signer.update(message);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// r and s, 64 bytes.
    static byte[] signRaw(PrivateKey key, byte[] message) {
        return sign(key, "SHA256withECDSAinP1363Format", message);
    }

    /// A certificate or list around what is signed.
    static byte[] signed(PrivateKey key, byte[] tbs) {
        return DerWriter.sequence(tbs, DerWriter.ecdsaWithSha256(), DerWriter.bits(sign(key, "SHA256withECDSA", tbs)));
    }

    static String pem(byte[] der) {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    /// What differs between certificates.
    record Subject(String name, long serial, boolean authority, List<byte[]> extensions) {}

    /// A certificate of `keys`, signed by `issuerKey`.
    static byte[] certificate(Subject subject, KeyPair keys, String issuer, PrivateKey issuerKey, Instant[] validity) {
        ByteArrayOutputStream extensions = new ByteArrayOutputStream();
        extensions.writeBytes(DerWriter.extension(
                "2.5.29.19",
                true,
                subject.authority ? DerWriter.sequence(DerWriter.bool(true)) : DerWriter.sequence()));
        extensions.writeBytes(
                DerWriter.extension("2.5.29.15", true, new byte[] {3, 2, 1, (byte) (subject.authority ? 0x06 : 0xc0)}));
        subject.extensions.forEach(extensions::writeBytes);
        return signed(
                issuerKey,
                DerWriter.sequence(
                        DerWriter.element(0xa0, DerWriter.integer(2)),
                        DerWriter.integer(subject.serial),
                        DerWriter.ecdsaWithSha256(),
                        DerWriter.commonName(issuer),
                        DerWriter.sequence(DerWriter.time(validity[0]), DerWriter.time(validity[1])),
                        DerWriter.commonName(subject.name),
                        keys.getPublic().getEncoded(),
                        DerWriter.element(0xa3, DerWriter.sequence(extensions.toByteArray()))));
    }

    /// A revocation list naming `serials`.
    static byte[] list(String issuer, PrivateKey key, Instant[] window, List<Long> serials) {
        ByteArrayOutputStream entries = new ByteArrayOutputStream();
        for (long serial : serials) {
            entries.writeBytes(DerWriter.sequence(DerWriter.integer(serial), DerWriter.time(window[0])));
        }
        byte[] extensions = DerWriter.sequence(
                DerWriter.extension("2.5.29.20", false, DerWriter.integer(1)),
                DerWriter.extension("2.5.29.35", false, DerWriter.sequence()));
        return signed(
                key,
                DerWriter.sequence(
                        DerWriter.integer(1),
                        DerWriter.ecdsaWithSha256(),
                        DerWriter.commonName(issuer),
                        DerWriter.time(window[0]),
                        DerWriter.time(window[1]),
                        serials.isEmpty() ? new byte[0] : DerWriter.sequence(entries.toByteArray()),
                        DerWriter.element(0xa0, extensions)));
    }
}
