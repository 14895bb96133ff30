package s3ml.attest;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An X.509 certificate of the attestation PKI, read strictly: version 3, ECDSA on P-256 with SHA-256, known critical
/// extensions only (RFC 5280; Intel SGX PCK certificate and CRL specification). Immutable.
///
/// Read here and not by the JDK, because the JDK keeps what it read, accepts much that this PKI never holds, and takes
/// five times as long.
final class PkiCertificate {
    static final int LARGEST = 16 << 10;

    private static final byte[] ECDSA_SHA256 = Der.octetsOf(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
    private static final byte[] EC_PUBLIC_KEY = Der.octetsOf(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);
    private static final byte[] P256 = Der.octetsOf(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);
    private static final byte[] COMMON_NAME = Der.octetsOf(0x55, 0x04, 0x03);
    private static final byte[] ORGANIZATION = Der.octetsOf(0x55, 0x04, 0x0a);
    private static final byte[] BASIC_CONSTRAINTS = Der.octetsOf(0x55, 0x1d, 0x13);
    private static final byte[] KEY_USAGE = Der.octetsOf(0x55, 0x1d, 0x0f);
    private static final byte[] SGX = Der.octetsOf(0x2a, 0x86, 0x48, 0x86, 0xf8, 0x4d, 0x01, 0x0d, 0x01);
    private static final int EXPLICIT_0 = 0xa0;
    private static final int EXPLICIT_3 = 0xa3;

    private final byte[] der;
    private final ByteView tbs;
    private final ByteView signature;
    private final ByteView serial;
    private final ByteView issuer;
    private final ByteView subject;
    private final ByteView publicPoint;
    private final long notBefore;
    private final long notAfter;
    private String commonName = "";
    private String organization = "";
    private boolean authority;
    private int keyUsage = -1;
    private @Nullable ByteView sgxExtension;

    private PkiCertificate(byte[] der) throws Malformed {
        this.der = der;
        Der outer = Der.of(der);
        Der certificate = outer.enter(Der.SEQUENCE);
        outer.requireEnd();
        this.tbs = certificate.element(Der.SEQUENCE);
        algorithm(certificate);
        this.signature = certificate.bits();
        certificate.requireEnd();

        Der body = new Der(der, tbs.from(), tbs.from() + tbs.length()).enter(Der.SEQUENCE);
        Der version = body.enter(EXPLICIT_0);
        if (version.number(Der.INTEGER, 2) != 2) {
            throw new Malformed("the certificate is not of version 3");
        }
        this.serial = body.unsigned();
        algorithm(body);
        this.issuer = body.element(Der.SEQUENCE);
        Der validity = body.enter(Der.SEQUENCE);
        this.notBefore = validity.time();
        this.notAfter = validity.time();
        validity.requireEnd();
        this.subject = body.element(Der.SEQUENCE);
        name();
        this.publicPoint = publicPoint(body.enter(Der.SEQUENCE));
        extensions(body.enter(EXPLICIT_3));
        body.requireEnd();
    }

    /// Reads a certificate; the array is not copied and must not change.
    static PkiCertificate parse(byte[] der) throws Malformed {
        if (der.length > LARGEST) {
            throw new Malformed("the certificate has " + der.length + " bytes; at most " + LARGEST + " are read");
        }
        return new PkiCertificate(der);
    }

    static void algorithm(Der parent) throws Malformed {
        Der algorithm = parent.enter(Der.SEQUENCE);
        if (!algorithm.oidIs(ECDSA_SHA256)) {
            throw new Malformed("the signature algorithm is not ECDSA with SHA-256");
        }
        algorithm.requireEnd();
    }

    private static ByteView publicPoint(Der key) throws Malformed {
        Der algorithm = key.enter(Der.SEQUENCE);
        if (!algorithm.oidIs(EC_PUBLIC_KEY) || !algorithm.oidIs(P256)) {
            throw new Malformed("the public key is not one of P-256");
        }
        algorithm.requireEnd();
        ByteView point = key.bits();
        key.requireEnd();
        if (point.length() != 65 || point.u8(0) != 4) {
            throw new Malformed("the public key is not an uncompressed point");
        }
        return point;
    }

    private void name() throws Malformed {
        Der names = new Der(der, subject.from(), subject.from() + subject.length()).enter(Der.SEQUENCE);
        while (!names.atEnd()) {
            Der set = names.enter(Der.SET);
            while (!set.atEnd()) {
                Der pair = set.enter(Der.SEQUENCE);
                ByteView type = pair.enter(Der.OID).rest();
                if (type.contentEquals(COMMON_NAME)) {
                    commonName = pair.text();
                } else if (type.contentEquals(ORGANIZATION)) {
                    organization = pair.text();
                } else {
                    pair.skip();
                }
            }
        }
    }

    private void extensions(Der wrapper) throws Malformed {
        Der extensions = wrapper.enter(Der.SEQUENCE);
        wrapper.requireEnd();
        List<ByteView> seen = new ArrayList<>(8);
        while (!extensions.atEnd()) {
            Der extension = extensions.enter(Der.SEQUENCE);
            ByteView type = extension.enter(Der.OID).rest();
            boolean critical = extension.nextIs(Der.BOOLEAN) && extension.bool();
            Der value = extension.enter(Der.OCTET_STRING);
            extension.requireEnd();
            if (seen.contains(type)) {
                throw new Malformed("the extension " + type.hex() + " is given twice");
            }
            seen.add(type);
            if (type.contentEquals(BASIC_CONSTRAINTS)) {
                Der constraints = value.enter(Der.SEQUENCE);
                authority = constraints.nextIs(Der.BOOLEAN) && constraints.bool();
            } else if (type.contentEquals(KEY_USAGE)) {
                Der bits = value.enter(Der.BIT_STRING);
                keyUsage = bits.length() >= 2 ? bits.rest().u8(1) : 0;
            } else if (type.contentEquals(SGX)) {
                sgxExtension = value.rest();
            } else if (critical) {
                throw new Malformed("the critical extension " + type.hex() + " is unknown");
            }
        }
    }

    byte[] der() {
        return der;
    }

    ByteView tbs() {
        return tbs;
    }

    /// The ECDSA signature, DER.
    ByteView signature() {
        return signature;
    }

    ByteView serial() {
        return serial;
    }

    ByteView issuer() {
        return issuer;
    }

    ByteView subject() {
        return subject;
    }

    /// The public key: 04, X, Y.
    ByteView publicPoint() {
        return publicPoint;
    }

    long notBefore() {
        return notBefore;
    }

    long notAfter() {
        return notAfter;
    }

    String commonName() {
        return commonName;
    }

    String organization() {
        return organization;
    }

    /// Whether it may sign certificates and revocation lists: marked as an authority, with both key usages if it has
    /// any.
    boolean mayIssue() {
        return authority && (keyUsage == -1 || (keyUsage & 0x06) == 0x06);
    }

    /// The content of the SGX extension, or null.
    @Nullable
    ByteView sgxExtension() {
        return sgxExtension;
    }

    boolean issuedBy(PkiCertificate authority) {
        return issuer.contentEquals(authority.subject);
    }
}
