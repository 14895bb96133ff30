package s3ml.attest;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What evidence must prove to be trusted: data, read from JSON. Immutable. An empty policy trusts nobody.
///
/// Every member is described in this module's README, beside a sample. Two policies are the same when their texts are.
public final class Policy {
    private final String json;
    private final Digest digest;
    private final PolicyTerms terms;

    private Policy(String json, PolicyTerms terms) {
        this.json = json;
        this.digest = Digest.of(json.getBytes(StandardCharsets.UTF_8));
        this.terms = terms;
    }

    /// Reads a policy.
    ///
    /// @throws S3mlException `ATT-201` when it is not JSON, `ATT-202` with every fault when it is no policy
    public static Policy parse(String json) {
        return new Policy(json, PolicyReader.read(json));
    }

    /// The SHA-256 of the exact text.
    public Digest digest() {
        return digest;
    }

    /// The text as it was read.
    public String json() {
        return json;
    }

    /// Fingerprints of the roots that the policy trusts.
    public Set<Digest> trustedRoots() {
        return terms.roots();
    }

    /// Whether simulated evidence may pass, if its root is named too.
    public boolean allowsSimulated() {
        return terms.allowSimulated();
    }

    PolicyTerms terms() {
        return terms;
    }

    /// @param roots SHA-256 of trusted root certificates
    /// @param rules alternatives: one must hold
    record PolicyTerms(
            Set<Digest> roots,
            boolean allowSimulated,
            boolean allowDebug,
            List<PolicyRule> rules,
            TcbTerms tcb,
            PlatformTerms platform) {
        PolicyTerms {
            roots = Set.copyOf(roots);
            rules = List.copyOf(rules);
        }
    }

    /// @param acceptedAdvisories when present, every open advisory must be among these
    record TcbTerms(
            Set<TcbStatus> statuses,
            Optional<Set<String>> acceptedAdvisories,
            Set<String> refusedAdvisories,
            Grace grace,
            long minEvaluationDataNumber) {}

    /// @param platform how long after its date an outdated level still counts as accepted
    /// @param collateral how long after its expiry collateral still counts as current
    record Grace(Duration platform, Duration collateral) {}

    /// What a multi-package platform may be; absent values do not matter.
    record PlatformTerms(boolean allowDynamic, boolean allowCachedKeys, boolean allowSmt) {}
}
