package s3ml.attest;

import org.jspecify.annotations.Nullable;

/// What every issuer does with the platform's answer: it must be a quote over the report data that was asked for.
final class IssuedQuote {
    private IssuedQuote() {}

    static byte[] checked(byte[] quote, ReportData asked, String issuer) {
        ReportData found;
        try {
            found = QuoteParser.parse(quote).reportData();
        } catch (Refusal refusal) {
            throw failed(issuer, "the answer is no quote: " + refusal.getMessage(), null);
        }
        if (!found.equals(asked)) {
            throw failed(issuer, "the quote is over other report data than was asked for", null);
        }
        return quote;
    }

    static S3mlException failed(String issuer, String why, @Nullable Throwable cause) {
        return new S3mlException(
                "ATT-402",
                "could not get evidence from " + issuer,
                why,
                "check that the enclave is configured for DCAP attestation and the quoting service runs",
                cause);
    }
}
