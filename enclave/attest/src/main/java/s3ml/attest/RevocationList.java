package s3ml.attest;

import java.util.ArrayList;
import java.util.List;

/// An X.509 revocation list of version 2 with a number and an authority key identifier (RFC 5280, section 5).
/// Immutable.
final class RevocationList {
    private static final byte[] CRL_NUMBER = Der.octetsOf(0x55, 0x1d, 0x14);
    private static final byte[] AUTHORITY_KEY = Der.octetsOf(0x55, 0x1d, 0x23);
    private static final int EXPLICIT_0 = 0xa0;

    private final ByteView tbs;
    private final ByteView signature;
    private final ByteView issuer;
    private final long thisUpdate;
    private final long nextUpdate;
    private final ByteView entries;

    private RevocationList(byte[] der) throws Malformed {
        // Bytes behind the list are not signed and mean nothing; Intel's library passes over them, and so do we.
        Der list = Der.of(der).enter(Der.SEQUENCE);
        this.tbs = list.element(Der.SEQUENCE);
        PkiCertificate.algorithm(list);
        this.signature = list.bits();
        list.requireEnd();

        Der body = new Der(der, tbs.from(), tbs.from() + tbs.length()).enter(Der.SEQUENCE);
        if (body.number(Der.INTEGER, 1) != 1) {
            throw new Malformed("the revocation list is not of version 2");
        }
        PkiCertificate.algorithm(body);
        this.issuer = body.element(Der.SEQUENCE);
        this.thisUpdate = body.time();
        this.nextUpdate = body.time();
        this.entries =
                body.nextIs(Der.SEQUENCE) ? body.enter(Der.SEQUENCE).rest() : new ByteView(der, body.position(), 0);
        extensions(body.enter(EXPLICIT_0));
        body.requireEnd();
        find(null);
    }

    /// Reads a list, DER or PEM; the array is not copied and must not change.
    static RevocationList parse(byte[] derOrPem) throws Malformed {
        byte[] der = derOrPem.length > 0 && derOrPem[0] == '-' ? Pem.single(derOrPem, "X509 CRL") : derOrPem;
        return new RevocationList(der);
    }

    private static void extensions(Der wrapper) throws Malformed {
        Der extensions = wrapper.enter(Der.SEQUENCE);
        wrapper.requireEnd();
        List<ByteView> seen = new ArrayList<>(8);
        while (!extensions.atEnd()) {
            Der extension = extensions.enter(Der.SEQUENCE);
            ByteView type = extension.enter(Der.OID).rest();
            boolean critical = extension.nextIs(Der.BOOLEAN) && extension.bool();
            extension.enter(Der.OCTET_STRING);
            extension.requireEnd();
            if (seen.contains(type)) {
                throw new Malformed("the list's extension " + type.hex() + " is given twice");
            }
            seen.add(type);
            if (critical && !type.contentEquals(CRL_NUMBER) && !type.contentEquals(AUTHORITY_KEY)) {
                throw new Malformed("the list's critical extension " + type.hex() + " is unknown");
            }
        }
        if (!seen.contains(ByteView.of(CRL_NUMBER)) || !seen.contains(ByteView.of(AUTHORITY_KEY))) {
            throw new Malformed("the list has no number or no authority key identifier");
        }
    }

    /// Whether the list names the serial number.
    boolean revokes(PkiCertificate certificate) {
        try {
            return find(certificate.serial());
        } catch (Malformed e) {
            throw new IllegalStateException("the list was read whole when it was made", e);
        }
    }

    private boolean find(@org.jspecify.annotations.Nullable ByteView serial) throws Malformed {
        Der list = new Der(entries.array(), entries.from(), entries.from() + entries.length());
        boolean found = false;
        while (!list.atEnd()) {
            Der entry = list.enter(Der.SEQUENCE);
            ByteView revoked = entry.unsigned();
            entry.time();
            if (!entry.atEnd()) {
                entry.enter(Der.SEQUENCE);
                entry.requireEnd();
            }
            found |= serial != null && revoked.contentEquals(serial);
        }
        return found;
    }

    ByteView tbs() {
        return tbs;
    }

    /// The ECDSA signature, DER.
    ByteView signature() {
        return signature;
    }

    ByteView issuer() {
        return issuer;
    }

    long thisUpdate() {
        return thisUpdate;
    }

    long nextUpdate() {
        return nextUpdate;
    }
}
