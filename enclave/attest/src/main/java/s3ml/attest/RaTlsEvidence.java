package s3ml.attest;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The evidence in a TLS certificate: a quote, and how it is bound to the certificate's key. Immutable.
///
/// Reads the interoperable form (OID 2.23.133.5.4.9: tagged CBOR, as the Confidential Computing Consortium's RA-TLS
/// defines it) and Gramine's older one (OID 1.2.840.113741.1337.6 and its misencoded twin: the raw quote).
public final class RaTlsEvidence {
    /// The extension of the interoperable form, not critical.
    public static final String OID = "2.23.133.5.4.9";

    private static final String GRAMINE_OID = "1.2.840.113741.1337.6";
    /// What Gramine wrote: the identifier's DER in place of its content.
    private static final String GRAMINE_MISENCODED_OID = "0.6.9.42.840.113741.1337.6";

    private static final int EVIDENCE_TAG = 60000;
    private static final int MOST_CLAIMS = 32;
    private static final int SHA_256 = 1;
    private static final int SHA_384 = 7;
    private static final int SHA_512 = 8;

    private final byte[] quote;
    private final byte @Nullable [] claims;
    private final byte @Nullable [] nonce;
    private final List<Finding> bindingFaults;

    private RaTlsEvidence(byte[] quote, byte @Nullable [] claims, byte @Nullable [] nonce, List<Finding> faults) {
        this.quote = quote;
        this.claims = claims;
        this.nonce = nonce;
        this.bindingFaults = faults;
    }

    /// Reads the evidence of a certificate and checks that it is bound to the certificate's key. Empty when the
    /// certificate holds none.
    ///
    /// @throws S3mlException `ATT-501` when the extension cannot be read
    public static Optional<RaTlsEvidence> of(X509Certificate certificate) {
        byte[] spki = certificate.getPublicKey().getEncoded();
        byte[] value = certificate.getExtensionValue(OID);
        try {
            if (value != null) {
                return Optional.of(tagged(content(value), spki));
            }
            for (String oid : List.of(GRAMINE_OID, GRAMINE_MISENCODED_OID)) {
                value = certificate.getExtensionValue(oid);
                if (value != null) {
                    return Optional.of(legacy(content(value), spki));
                }
            }
            return Optional.empty();
        } catch (Malformed e) {
            throw new S3mlException(
                    "ATT-501",
                    "could not read the evidence in the certificate",
                    e.why(),
                    "hand over a certificate made by an attested peer");
        }
    }

    private static ByteView content(byte[] extensionValue) throws Malformed {
        Der outer = Der.of(extensionValue);
        ByteView content = outer.enter(Der.OCTET_STRING).rest();
        outer.requireEnd();
        return content;
    }

    static RaTlsEvidence tagged(ByteView value, byte[] spki) throws Malformed {
        Cbor cbor = new Cbor(value);
        long tag = cbor.head(Cbor.TAG);
        if (tag != EVIDENCE_TAG) {
            throw new Malformed("CBOR tag " + tag + "; 60000 (evidence with claims) is known");
        }
        if (cbor.head(Cbor.ARRAY) != 2) {
            throw new Malformed("the evidence is not an array of a quote and claims");
        }
        byte[] quote = cbor.byteString().copy();
        ByteView claims = cbor.byteString();
        cbor.requireEnd();
        List<Finding> faults = new ArrayList<>();
        requireReportData(quote, Digest.of(claims.copy()), faults);
        byte[] nonce = claims(claims, spki, faults);
        return new RaTlsEvidence(quote, claims.copy(), nonce, List.copyOf(faults));
    }

    private static byte @Nullable [] claims(ByteView claims, byte[] spki, List<Finding> faults) throws Malformed {
        Cbor cbor = new Cbor(claims);
        long count = cbor.head(Cbor.MAP);
        if (count > MOST_CLAIMS) {
            throw new Malformed(count + " claims; at most " + MOST_CLAIMS + " are read");
        }
        Set<String> seen = new HashSet<>();
        byte[] nonce = null;
        for (long i = 0; i < count; i++) {
            String name = cbor.text();
            if (!seen.add(name)) {
                throw new Malformed("the claim \"" + VerifiedChain.shorten(name) + "\" is given twice");
            }
            switch (name) {
                case "pubkey-hash" -> requireKey(cbor.byteString(), spki, faults);
                case "nonce" -> nonce = cbor.byteString().copy();
                default -> cbor.skip();
            }
        }
        cbor.requireEnd();
        if (!seen.contains("pubkey-hash")) {
            faults.add(new Finding(Check.RA_TLS_KEY, "certificate.claims.pubkey-hash", "the key's hash", "none"));
        }
        return nonce;
    }

    private static void requireKey(ByteView entry, byte[] spki, List<Finding> faults) throws Malformed {
        Cbor cbor = new Cbor(entry);
        if (cbor.head(Cbor.ARRAY) != 2) {
            throw new Malformed("pubkey-hash is not an array of an algorithm and a hash");
        }
        long algorithm = cbor.head(Cbor.UNSIGNED);
        ByteView hash = cbor.byteString();
        cbor.requireEnd();
        byte[] expected = hash(algorithm, spki);
        if (!MessageDigest.isEqual(expected, hash.copy())) {
            faults.add(new Finding(
                    Check.RA_TLS_KEY,
                    "certificate.claims.pubkey-hash",
                    ByteView.of(expected).hex(),
                    hash.hex()));
        }
    }

    private static byte[] hash(long algorithm, byte[] spki) throws Malformed {
        String name;
        if (algorithm == SHA_256) {
            name = "SHA-256";
        } else if (algorithm == SHA_384) {
            name = "SHA-384";
        } else if (algorithm == SHA_512) {
            name = "SHA-512";
        } else {
            throw new Malformed("pubkey-hash is of the unknown algorithm " + algorithm);
        }
        try {
            return MessageDigest.getInstance(name).digest(spki);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-2", e);
        }
    }

    static RaTlsEvidence legacy(ByteView value, byte[] spki) {
        byte[] quote = value.copy();
        List<Finding> faults = new ArrayList<>();
        requireReportData(quote, Digest.of(spki), faults);
        return new RaTlsEvidence(quote, null, null, List.copyOf(faults));
    }

    private static void requireReportData(byte[] quote, Digest digest, List<Finding> faults) {
        try {
            ReportData expected = ReportData.ofDigest(digest);
            ReportData actual = QuoteParser.parse(quote).reportData();
            if (!actual.equals(expected)) {
                faults.add(new Finding(Check.RA_TLS_BINDING, "quote.body.reportData", expected.hex(), actual.hex()));
            }
        } catch (Refusal refusal) {
            faults.addAll(refusal.findings());
        }
    }

    /// The DCAP quote.
    public byte[] quote() {
        return quote.clone();
    }

    /// The claims whose digest the quote holds, CBOR; empty in Gramine's older form.
    public Optional<byte[]> claims() {
        return Optional.ofNullable(claims).map(byte[]::clone);
    }

    /// The nonce among the claims.
    public Optional<byte[]> nonce() {
        return Optional.ofNullable(nonce).map(byte[]::clone);
    }

    /// Why the quote is not bound to the certificate's key; empty when it is. A quote that is not bound proves nothing
    /// about whoever holds the key, however genuine it is.
    public List<Finding> bindingFaults() {
        return bindingFaults;
    }

    /// The claims that bind a key, and a nonce if there is one; the report data is their SHA-256.
    static byte[] claimsFor(byte[] spki, byte @Nullable [] nonce) {
        ByteArrayOutputStream hash = new ByteArrayOutputStream();
        Cbor.head(hash, Cbor.ARRAY, 2);
        Cbor.head(hash, Cbor.UNSIGNED, SHA_256);
        Cbor.byteString(hash, Digest.of(spki).bytes());
        ByteArrayOutputStream claims = new ByteArrayOutputStream();
        Cbor.head(claims, Cbor.MAP, nonce == null ? 1 : 2);
        if (nonce != null) {
            Cbor.text(claims, "nonce");
            Cbor.byteString(claims, nonce);
        }
        Cbor.text(claims, "pubkey-hash");
        Cbor.byteString(claims, hash.toByteArray());
        return claims.toByteArray();
    }

    /// The value of the interoperable extension.
    static byte[] extension(byte[] quote, byte[] claims) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Cbor.head(out, Cbor.TAG, EVIDENCE_TAG);
        Cbor.head(out, Cbor.ARRAY, 2);
        Cbor.byteString(out, quote);
        Cbor.byteString(out, claims);
        return out.toByteArray();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RaTlsEvidence that
                && Arrays.equals(quote, that.quote)
                && Arrays.equals(claims, that.claims);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(quote);
    }
}
