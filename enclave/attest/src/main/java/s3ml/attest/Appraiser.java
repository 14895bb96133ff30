package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Judges evidence: a pure function of the evidence, the collateral, the policy and the time. Thread-safe.
///
/// The steps and their order follow Intel's quote verification library; where it is lax, [Check#stricterThanIntel()]
/// says what is demanded beyond it and why.
public final class Appraiser {
    private final Ecdsa ecdsa;
    private final KeptMaterial kept;

    /// Makes an appraiser that keeps nothing between calls.
    ///
    /// @param provider verifies the ECDSA signatures (Conscrypt is seven times as fast as the JDK); null for the JDK's
    /// own
    public Appraiser(@Nullable Provider provider) {
        this(provider, Keep.NOTHING);
    }

    /// Makes an appraiser that keeps verified material between calls.
    ///
    /// @param provider as above
    /// @param keep what is kept; a service that sees the same machines again and again takes [Keep#PLATFORMS]
    public Appraiser(@Nullable Provider provider, Keep keep) {
        this.ecdsa = new Ecdsa(provider);
        this.kept = new KeptMaterial(keep);
    }

    /// Judges `evidence`, a DCAP quote, at the time `at`.
    public Verdict appraise(byte[] evidence, Collateral collateral, Policy policy, Instant at) {
        Policy.PolicyTerms terms = policy.terms();
        if (terms.roots().isEmpty() || terms.rules().isEmpty()) {
            return new Rejected(List.of(new Finding(
                    Check.POLICY_EMPTY,
                    "policy",
                    "at least one root and one rule",
                    terms.roots().size() + " roots and " + terms.rules().size() + " rules")));
        }
        Examination examination = examine(
                evidence, collateral, terms.roots(), at, terms.tcb().grace().collateral());
        if (examination.claims().isEmpty()) {
            return new Rejected(examination.findings());
        }
        Claims claims = examination.claims().get();
        List<Finding> findings = PolicyJudge.judge(claims, terms, at);
        return findings.isEmpty() ? new Trusted(claims) : new Rejected(findings);
    }

    /// Finds out whether `evidence` is genuine under one of `roots` (SHA-256 of their certificates) at the time `at`,
    /// and what it says. No policy is applied: a debug enclave or an outdated platform is as genuine as any.
    public Examination examine(byte[] evidence, Collateral collateral, Set<Digest> roots, Instant at) {
        return examine(evidence, collateral, roots, at, Duration.ZERO);
    }

    private Examination examine(byte[] evidence, Collateral collateral, Set<Digest> roots, Instant at, Duration grace) {
        List<Finding> findings = new ArrayList<>();
        Quote quote = attempt(findings, () -> QuoteParser.parse(evidence));
        if (quote == null) {
            return new Examination(Optional.empty(), findings);
        }
        VerifiedChain chain = attempt(findings, () -> chain(quote, collateral));
        VerifiedCollateral statements = attempt(findings, () -> kept.collateral(collateral, ecdsa));
        long now = at.getEpochSecond();
        if (chain != null) {
            judgeRoot(chain, roots, findings);
            judgeWindows(chain.windows(), now, grace, findings);
            attempt(findings, () -> requireSignature(quote, kept.attestationKey(quote, chain, ecdsa)));
        }
        if (statements != null) {
            judgeWindows(statements.windows(), now, grace, findings);
        }
        if (chain == null || statements == null) {
            return new Examination(Optional.empty(), findings);
        }
        TcbLevel.Statement tcb = together(quote, chain, statements, findings);
        if (tcb == null || !findings.isEmpty()) {
            return new Examination(Optional.empty(), findings);
        }
        return new Examination(Optional.of(claims(quote, chain, statements, tcb)), List.of());
    }

    private interface Stage<T> {
        T run() throws Refusal;
    }

    private static <T> @Nullable T attempt(List<Finding> findings, Stage<T> stage) {
        try {
            return stage.run();
        } catch (Refusal refusal) {
            findings.addAll(refusal.findings());
            return null;
        }
    }

    private VerifiedChain chain(Quote quote, Collateral collateral) throws Refusal {
        @Nullable String given = collateral.pckChain().orElse(null);
        ByteView givenPem = given == null ? null : ByteView.of(given.getBytes(StandardCharsets.UTF_8));
        if (quote.certificationDataType() == 5) {
            VerifiedChain chain = kept.chain(quote.signature().certData(), ecdsa);
            if (givenPem != null) {
                VerifiedChain other = kept.chain(givenPem, ecdsa);
                if (!ByteView.of(chain.leaf().der()).contentEquals(other.leaf().der())) {
                    throw new Refusal(
                            Check.QUOTE_CERTIFICATION,
                            "collateral.pckChain",
                            "the chain that the quote holds",
                            "another PCK certificate");
                }
            }
            return chain;
        }
        if (givenPem == null) {
            throw new Refusal(
                    Check.QUOTE_CERTIFICATION,
                    "quote.certificationDataType",
                    "5 (a certificate chain), or the chain in the collateral",
                    quote.certificationDataType() + "");
        }
        VerifiedChain chain = kept.chain(givenPem, ecdsa);
        if (quote.certificationDataType() == 4) {
            requireLeaf(quote.signature().certData(), chain);
        }
        return chain;
    }

    /// The certificate that the quote holds must be the one that the collateral's chain begins with.
    private static void requireLeaf(ByteView pem, VerifiedChain chain) throws Refusal {
        try {
            byte[] own = Pem.single(pem.copy(), "CERTIFICATE");
            if (!ByteView.of(own).contentEquals(chain.leaf().der())) {
                throw new Refusal(
                        Check.QUOTE_CERTIFICATION,
                        "collateral.pckChain",
                        "the certificate that the quote holds",
                        "another PCK certificate");
            }
        } catch (Malformed e) {
            throw new Refusal(Check.QUOTE_CERTIFICATION, "quote.certificationData", "a PCK certificate", e.why());
        }
    }

    private static void judgeWindows(List<Window> windows, long now, Duration grace, List<Finding> findings) {
        for (Window window : windows) {
            window.judge(now, grace, findings);
        }
    }

    private static void judgeRoot(VerifiedChain chain, Set<Digest> roots, List<Finding> findings) {
        if (!roots.contains(chain.rootClaim().fingerprint())) {
            findings.add(new Finding(
                    Check.CHAIN_ROOT,
                    "pckChain.root",
                    "one of " + roots,
                    chain.rootClaim().fingerprint().hex()
                            + (chain.rootClaim().simulated() ? " (a simulated platform)" : "")));
        }
    }

    private PublicKey requireSignature(Quote quote, PublicKey attestationKey) throws Refusal {
        if (!ecdsa.verifiesRaw(attestationKey, quote.signed(), quote.signature().quoteSignature())) {
            throw new Refusal(
                    Check.QUOTE_SIGNATURE, "quote.signature", "one by the attestation key", "does not verify");
        }
        return attestationKey;
    }

    /// What needs both the platform's chain and the vendor's statements.
    private TcbLevel.@Nullable Statement together(
            Quote quote, VerifiedChain chain, VerifiedCollateral statements, List<Finding> findings) {
        if (!statements.rootDer().contentEquals(chain.root().der())) {
            findings.add(new Finding(Check.CHAIN_ROOT, "tcbInfo.root", "the root of the PCK chain", "another root"));
        }
        attempt(findings, () -> {
            statements.requirePckList(chain, ecdsa);
            return statements;
        });
        statements.judgeRevocation(chain, findings);
        boolean match = judgeMatch(quote, chain, statements, findings);
        TcbJudge judge = new TcbJudge(
                statements.tcbInfo(),
                chain.pck(),
                statements.qeIdentity(),
                quote.signature().qeReport());
        return match ? attempt(findings, () -> judge.judge(quote.body())) : null;
    }

    /// Whether the TCB information is about this platform; looks at the quoting enclave's identity too.
    private static boolean judgeMatch(
            Quote quote, VerifiedChain chain, VerifiedCollateral statements, List<Finding> findings) {
        TcbInfo info = statements.tcbInfo();
        PlatformIdentity platform = chain.pck().platform();
        boolean tee = match("tcbInfo.id", quote.teeType(), info.tee(), findings);
        boolean fmspc = match("tcbInfo.fmspc", ByteView.of(platform.fmspc()), info.fmspc(), findings);
        boolean pceId = match("tcbInfo.pceId", ByteView.of(platform.pceId()), info.pceId(), findings);
        String identity = quote.teeType() == TeeType.SGX ? "QE" : "TD_QE";
        if (!statements.qeIdentity().id().equals(identity)) {
            findings.add(new Finding(
                    Check.QE_IDENTITY_MISMATCH,
                    "qeIdentity.id",
                    identity,
                    statements.qeIdentity().id()));
        } else {
            statements.qeIdentity().judge(quote.qeReport(), findings);
        }
        return tee && fmspc && pceId;
    }

    private static <T> boolean match(String claim, T expected, T actual, List<Finding> findings) {
        if (!expected.equals(actual)) {
            findings.add(new Finding(Check.TCB_INFO_MISMATCH, claim, expected.toString(), actual.toString()));
            return false;
        }
        return true;
    }

    private static Claims claims(
            Quote quote, VerifiedChain chain, VerifiedCollateral statements, TcbLevel.Statement tcb) {
        long validUntil = Long.MAX_VALUE;
        for (Window window : chain.windows()) {
            validUntil = Math.min(validUntil, window.to());
        }
        for (Window window : statements.windows()) {
            validUntil = Math.min(validUntil, window.to());
        }
        long number = Math.min(
                statements.tcbInfo().head().evaluationDataNumber(),
                statements.qeIdentity().head().evaluationDataNumber());
        Claims.TcbState state = new Claims.TcbState(
                tcb.status(),
                tcb.advisoryIds(),
                Instant.ofEpochSecond(tcb.tcbDate()),
                number,
                Instant.ofEpochSecond(validUntil));
        return new Claims(quote, state, chain.pck().platform(), chain.rootClaim());
    }
}
