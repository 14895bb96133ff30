package s3ml.attest;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What valid evidence says, part by part. A mutant may be accepted only when each of its parts says exactly what a
/// part of valid evidence says: changed where nothing means anything, as behind the signature data, between
/// certificates or in the case of hexadecimal digits; or put together from parts that all stand.
final class ValidParts {
    /// The order of P-256.
    private static final BigInteger N =
            new BigInteger("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551", 16);

    private static final Digest NOTHING = Digest.of(new byte[0]);

    private final Set<Digest> parts = new HashSet<>();

    void add(EvidenceCase valid) {
        parts.addAll(said(valid));
    }

    /// Whether every part of accepted evidence is one that valid evidence was put together from.
    boolean hold(EvidenceCase accepted) {
        return parts.containsAll(said(accepted));
    }

    /// Whether accepted evidence differs from `refused`, of which it is a mutant, by nothing but parts of valid
    /// evidence.
    boolean mended(EvidenceCase accepted, EvidenceCase refused) {
        Set<Digest> other = said(accepted);
        other.removeAll(said(refused));
        return !other.isEmpty() && parts.containsAll(other);
    }

    /// One digest for each statement and its signature.
    private static Set<Digest> said(EvidenceCase evidence) {
        Set<Digest> all = new HashSet<>();
        Collateral collateral = evidence.collateral();
        add(all, () -> quote(evidence));
        add(all, () -> list(collateral.crls().rootCrlBytes()));
        add(all, () -> list(collateral.crls().pckCrlBytes()));
        add(all, () -> text(collateral.tcbInfo()));
        add(all, () -> text(collateral.qeIdentity()));
        return all;
    }

    private interface Reading {
        Set<Digest> of() throws Refusal, Malformed;
    }

    /// What cannot be read says nothing.
    private static void add(Set<Digest> all, Reading reading) {
        try {
            all.addAll(reading.of());
        } catch (Refusal | Malformed e) {
            all.add(NOTHING);
        }
    }

    private static Set<Digest> quote(EvidenceCase evidence) throws Refusal, Malformed {
        Quote quote = QuoteParser.parse(evidence.quote());
        Quote.QuoteSignature signature = quote.signature();
        byte[] report = quote.qeReport().view().copy();
        // Certification data without a chain only names the platform; the chain then comes with the collateral.
        byte[] pem = quote.certificationDataType() == 5
                ? quote.certificationData()
                : evidence.collateral().pckChain().orElse("").getBytes(StandardCharsets.US_ASCII);
        List<byte[]> chain = Pem.blocks(pem, 0, pem.length, "CERTIFICATE");
        return Set.of(
                digest(List.of(quote.signed().copy(), quote.attestationKey(), lowS(signature.quoteSignature()))),
                digest(List.of(report, quote.attestationKey(), quote.authenticationData())),
                digest(List.of(report, lowS(signature.certification().signature()))),
                digest(chain));
    }

    private static Set<Digest> list(byte[] bytes) throws Malformed {
        RevocationList list = RevocationList.parse(bytes);
        return Set.of(digest(List.of(list.tbs().copy(), list.signature().copy())));
    }

    private static Set<Digest> text(SignedText text) throws Malformed {
        byte[] chain = text.issuerChain().getBytes(StandardCharsets.ISO_8859_1);
        byte[] signature = lowS(TcbInfo.hex(text.signature(), 64));
        return Set.of(
                digest(List.of(text.trimmed().copy(), signature)),
                digest(Pem.blocks(chain, 0, chain.length, "CERTIFICATE")));
    }

    /// Of ECDSA's two signatures for one message, (r, s) and (r, n - s), always the same.
    private static byte[] lowS(ByteView raw) {
        BigInteger s = new BigInteger(1, raw.copy(32, 32));
        return (raw.view(0, 32).hex() + s.min(N.subtract(s)).toString(16)).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static Digest digest(List<byte[]> parts) {
        List<byte[]> digests = new ArrayList<>();
        for (byte[] part : parts) {
            digests.add(Digest.of(part).bytes());
        }
        return Digest.of(TestPlatform.concat(digests.toArray(byte[][]::new)));
    }
}
