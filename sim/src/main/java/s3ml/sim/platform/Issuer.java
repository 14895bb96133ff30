package s3ml.sim.platform;

import java.math.BigInteger;
import java.security.KeyPair;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/// A certificate authority of the simulated platform: a name, a key, and what it signs (X.509 v3 and CRL v2, RFC 5280,
/// with the extensions that Intel's own certificates have).
///
/// @param name subject, DER
@SuppressWarnings("ArrayRecordComponent") // never compared
record Issuer(byte[] name, KeyPair keys) {
    private static final byte[] ECDSA_WITH_SHA256 = Der.sequence(Der.oid("1.2.840.10045.4.3.2"));
    private static final int KEY_CERT_SIGN_AND_CRL_SIGN = 0x06;
    private static final int DIGITAL_SIGNATURE_AND_NON_REPUDIATION = 0xc0;
    private static final int KEY_COMPROMISE = 1;
    /// As long as the root's own life, so that a platform folder stays usable.
    private static final Duration LIFE = Duration.ofDays(7300);
    /// Certificates begin a little earlier, for clocks that are a little late.
    private static final Duration BEFORE = Duration.ofHours(1);

    static byte[] nameOf(String commonName) {
        return Der.sequence(
                attribute("2.5.4.3", commonName),
                attribute("2.5.4.10", SimulatedPlatform.MARK),
                attribute("2.5.4.6", "XX"));
    }

    private static byte[] attribute(String oid, String value) {
        return Der.set(Der.sequence(Der.oid(oid), Der.utf8(value)));
    }

    /// What a certificate of this authority is for.
    sealed interface Kind {
        /// A certificate authority which may have so many others below itself.
        record Authority(int pathLength) implements Kind {}

        /// A key that signs, with an SGX extension if it is a PCK.
        @SuppressWarnings("ArrayRecordComponent") // never compared
        record Leaf(byte[] sgxExtension) implements Kind {}
    }

    byte[] certify(byte[] subject, PublicKey key, Kind kind, String crlAddress, Instant at) {
        List<byte[]> extensions = new ArrayList<>();
        extensions.add(extension("2.5.29.35", false, Der.sequence(Der.implicit(0, keyIdentifier(keys.getPublic())))));
        extensions.add(extension("2.5.29.31", false, distributionPoint(crlAddress)));
        extensions.add(extension("2.5.29.14", false, Der.octets(keyIdentifier(key))));
        switch (kind) {
            case Kind.Authority authority -> {
                extensions.add(extension("2.5.29.15", true, Der.namedBits(KEY_CERT_SIGN_AND_CRL_SIGN)));
                extensions.add(extension(
                        "2.5.29.19", true, Der.sequence(Der.bool(true), Der.integer(authority.pathLength()))));
            }
            case Kind.Leaf leaf -> {
                extensions.add(extension("2.5.29.15", true, Der.namedBits(DIGITAL_SIGNATURE_AND_NON_REPUDIATION)));
                extensions.add(extension("2.5.29.19", true, Der.sequence()));
                if (leaf.sgxExtension().length > 0) {
                    extensions.add(extension("1.2.840.113741.1.13.1", false, leaf.sgxExtension()));
                }
            }
        }
        byte[] body = Der.sequence(
                Der.explicit(0, Der.integer(2)),
                Der.integer(serialOf(key)),
                ECDSA_WITH_SHA256,
                name,
                Der.sequence(Der.time(at.minus(BEFORE)), Der.time(at.plus(LIFE))),
                subject,
                key.getEncoded(),
                Der.explicit(3, Der.sequence(extensions.toArray(byte[][]::new))));
        return signed(body);
    }

    byte[] revoke(Set<BigInteger> serials, Instant at, Duration life) {
        List<byte[]> entries = new ArrayList<>();
        for (BigInteger serial : serials.stream().sorted().toList()) {
            entries.add(Der.sequence(
                    Der.integer(serial),
                    Der.time(at),
                    Der.sequence(extension("2.5.29.21", false, Der.enumerated(KEY_COMPROMISE)))));
        }
        byte[] revoked = entries.isEmpty() ? new byte[0] : Der.sequence(entries.toArray(byte[][]::new));
        byte[] extensions = Der.sequence(
                extension("2.5.29.20", false, Der.integer(1)),
                extension("2.5.29.35", false, Der.sequence(Der.implicit(0, keyIdentifier(keys.getPublic())))));
        return signed(Der.sequence(
                Der.integer(1),
                ECDSA_WITH_SHA256,
                name,
                Der.time(at),
                Der.time(at.plus(life)),
                revoked,
                Der.explicit(0, extensions)));
    }

    private byte[] signed(byte[] body) {
        return Der.sequence(body, ECDSA_WITH_SHA256, Der.bits(Keys.signDer(keys.getPrivate(), body)));
    }

    /// Serial numbers follow from the key, as Intel's do: positive, 20 bytes.
    static BigInteger serialOf(PublicKey key) {
        byte[] serial = keyIdentifier(key);
        serial[0] = (byte) ((serial[0] & 0x3f) | 0x40);
        return new BigInteger(1, serial);
    }

    private static byte[] keyIdentifier(PublicKey key) {
        return Keys.firstBytes(Keys.sha(256, key.getEncoded()), 20);
    }

    private static byte[] extension(String oid, boolean critical, byte[] value) {
        byte[] flag = critical ? Der.bool(true) : new byte[0];
        return Der.sequence(Der.oid(oid), flag, Der.octets(value));
    }

    private static byte[] distributionPoint(String address) {
        byte[] uri = Der.implicit(6, address.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        return Der.sequence(Der.sequence(Der.explicit(0, Der.explicit(0, uri))));
    }

    static String pem(byte[] certificate) {
        return pem("CERTIFICATE", certificate);
    }

    static String pem(String label, byte[] content) {
        String body = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }
}
