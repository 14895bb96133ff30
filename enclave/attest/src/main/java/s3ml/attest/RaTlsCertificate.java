package s3ml.attest;

import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Makes self-signed TLS certificates that carry the evidence of the enclave which holds the key.
public final class RaTlsCertificate {
    private static final int SERIAL_BITS = 127;

    private RaTlsCertificate() {}

    /// Asks `issuer` for evidence that is bound to `keys` and puts it into a certificate (interoperable RA-TLS form).
    ///
    /// @param keys an EC key pair on P-256 that the caller made in the enclave
    /// @param commonName the subject, for people: nothing is decided by it
    /// @param nonce the peer's, to prove freshness; or null
    /// @param validity when the certificate holds
    /// @throws S3mlException `ATT-4xx` when the platform gives no evidence, `ATT-502` when the certificate cannot be
    /// signed
    public static X509Certificate issue(
            EvidenceIssuer issuer, KeyPair keys, String commonName, byte @Nullable [] nonce, Validity validity) {
        byte[] spki = keys.getPublic().getEncoded();
        byte[] claims = RaTlsEvidence.claimsFor(spki, nonce);
        byte[] quote = issuer.issue(ReportData.ofDigest(Digest.of(claims)));
        byte[] name = DerWriter.commonName(commonName);
        byte[] tbs = DerWriter.sequence(
                DerWriter.element(0xa0, DerWriter.integer(2)),
                DerWriter.integer(new BigInteger(SERIAL_BITS, new SecureRandom()).setBit(SERIAL_BITS - 1)),
                DerWriter.ecdsaWithSha256(),
                name,
                DerWriter.sequence(DerWriter.time(validity.notBefore()), DerWriter.time(validity.notAfter())),
                name,
                spki,
                DerWriter.element(
                        0xa3,
                        DerWriter.sequence(
                                DerWriter.extension("2.5.29.19", true, DerWriter.sequence()),
                                DerWriter.extension(
                                        RaTlsEvidence.OID, false, RaTlsEvidence.extension(quote, claims)))));
        try {
            Signature signer = Signature.getInstance("SHA256withECDSA");
            signer.initSign(keys.getPrivate());
            signer.update(tbs);
            byte[] der = DerWriter.sequence(tbs, DerWriter.ecdsaWithSha256(), DerWriter.bits(signer.sign()));
            return parse(der);
        } catch (GeneralSecurityException e) {
            throw new S3mlException(
                    "ATT-502", "could not make the certificate", String.valueOf(e), "use a key pair on P-256", e);
        }
    }

    private static X509Certificate parse(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /// When a certificate holds.
    public record Validity(Instant notBefore, Instant notAfter) {
        public Validity {
            if (!notBefore.isBefore(notAfter)) {
                throw new IllegalArgumentException("notAfter must come after notBefore");
            }
        }
    }
}
