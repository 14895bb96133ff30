package s3ml.aecs.release;

import com.google.protobuf.ByteString;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import s3ml.aecs.Refusals;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.CollateralSource;
import s3ml.attest.Digest;
import s3ml.attest.Finding;
import s3ml.attest.Keep;
import s3ml.attest.Policy;
import s3ml.attest.Quote;
import s3ml.attest.Rejected;
import s3ml.attest.ReportData;
import s3ml.attest.S3mlException;
import s3ml.attest.SgxReport;
import s3ml.attest.TdReport;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;
import s3ml.protocol.NativeCrypto;

/// Appraises evidence under a policy, now, and demands that it is bound to given claims. Thread-safe.
public final class Appraisal {
    /// Parsed policies by their digest; a policy is parsed once, not at each release.
    private static final int MAX_POLICIES = 512;

    private final Appraiser appraiser = new Appraiser(NativeCrypto.provider(), Keep.PLATFORMS);
    private final CollateralSource collateral;
    private final InstantSource clock;
    private final Map<ByteString, Policy> policies = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteString, Policy> eldest) {
            return size() > MAX_POLICIES;
        }
    };

    public Appraisal(CollateralSource collateral, InstantSource clock) {
        this.collateral = collateral;
        this.clock = clock;
    }

    /// The verdict on evidence whose report data must be the digest of `claims`.
    ///
    /// @param policyJson empty = trusts nobody
    /// @throws S3mlException `AECS-230` when the collateral cannot be had
    public Verdict appraise(byte[] evidence, byte[] claims, ByteString policyJson) {
        if (policyJson.isEmpty()) {
            return rejected("policy", "a policy with at least one rule", "the service has none");
        }
        Verdict verdict = appraise(evidence, policyJson);
        if (verdict instanceof Trusted trusted) {
            ReportData bound = ReportData.ofDigest(Digest.of(claims));
            if (!trusted.claims().reportData().equals(bound)) {
                return rejected(
                        "reportData", bound.hex(), trusted.claims().reportData().hex());
            }
        }
        return verdict;
    }

    /// The verdict on evidence, whatever it is bound to.
    public Verdict appraise(byte[] evidence, ByteString policyJson) {
        Quote quote;
        try {
            quote = Quote.parse(evidence);
        } catch (S3mlException e) {
            return rejected("evidence", "a DCAP quote", e.getMessage() == null ? "another form" : e.getMessage());
        }
        Collateral current;
        try {
            current = collateral.collateralFor(quote);
        } catch (S3mlException e) {
            throw Refusals.unavailable("could not appraise the evidence", String.valueOf(e.getMessage()));
        }
        return appraiser.appraise(evidence, current, policy(policyJson), clock.instant());
    }

    private Policy policy(ByteString json) {
        synchronized (policies) {
            return policies.computeIfAbsent(json, text -> Policy.parse(text.toStringUtf8()));
        }
    }

    private static Rejected rejected(String claim, String expected, String actual) {
        return new Rejected(List.of(new Finding("AECS-210", claim, expected, actual)));
    }

    /// The measurement that evidence claims, verified or not; empty when it is no quote.
    public static ByteString measurement(byte[] evidence) {
        try {
            return ByteString.copyFrom(
                    switch (Quote.parse(evidence).body()) {
                        case SgxReport sgx -> sgx.mrEnclave().bytes();
                        case TdReport td -> td.mrTd().bytes();
                    });
        } catch (S3mlException e) {
            return ByteString.EMPTY;
        }
    }

    /// The findings as text, for admins.
    public static List<String> findings(Verdict verdict) {
        List<String> texts = new ArrayList<>();
        if (verdict instanceof Rejected rejected) {
            rejected.findings().forEach(finding -> texts.add(finding.toString()));
        }
        return texts;
    }
}
