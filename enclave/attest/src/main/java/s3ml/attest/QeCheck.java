package s3ml.attest;

import java.security.PublicKey;

/// The quoting enclave's part: its report, signed by the platform, binds the attestation key.
final class QeCheck {
    private QeCheck() {}

    /// The attestation key, once the platform's signature over the report that binds it is verified.
    static PublicKey attestationKey(Quote quote, PublicKey leafKey, Ecdsa ecdsa) throws Refusal {
        Quote.QuoteSignature signature = quote.signature();
        SgxReport report = signature.qeReport();
        if (!ecdsa.verifiesRaw(leafKey, report.view(), signature.certification().signature())) {
            throw new Refusal(
                    Check.QE_REPORT_SIGNATURE, "quote.qeReportSignature", "one by the PCK key", "does not verify");
        }
        ByteView key = signature.attestationKey();
        byte[] bound = ecdsa.digest(key, signature.authData());
        ByteView data = report.reportDataView();
        if (!data.view(0, 32).contentEquals(bound)) {
            throw new Refusal(
                    Check.QE_REPORT_DATA,
                    "quote.qeReport.reportData",
                    ByteView.of(bound).hex(),
                    data.view(0, 32).hex());
        }
        if (!data.isZero(32, 32)) {
            throw new Refusal(
                    Check.QE_REPORT_DATA_UPPER,
                    "quote.qeReport.reportData",
                    "zeros in the upper half",
                    data.view(32, 32).hex());
        }
        try {
            return ecdsa.foreignKey(key);
        } catch (Malformed e) {
            throw new Refusal(Check.QUOTE_SIGNATURE, "quote.attestationKey", "a point of P-256", e.why());
        }
    }
}
