package s3ml.attest;

import java.security.Provider;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Judges evidence: a pure function of the evidence, the collateral, the policy and the time. Thread-safe.
public final class Appraiser {
    private final @Nullable Provider provider;

    /// Makes an appraiser that keeps nothing between calls.
    ///
    /// @param provider verifies the ECDSA signatures (Conscrypt is seven times as fast as the JDK); null for the JDK's
    /// own
    public Appraiser(@Nullable Provider provider) {
        this.provider = provider;
    }

    /// Judges `evidence`, a DCAP quote, at the time `at`.
    public Verdict appraise(byte[] evidence, Collateral collateral, Policy policy, Instant at) {
        try {
            QuoteParser.parse(evidence);
        } catch (Refusal refusal) {
            return new Rejected(refusal.findings());
        }
        return new Rejected(List.of(new Finding(
                Check.QUOTE_SIGNATURE,
                "quote.signature",
                "a verified signature",
                "none was verified with " + (provider == null ? "the JDK" : provider.getName()))));
    }
}
