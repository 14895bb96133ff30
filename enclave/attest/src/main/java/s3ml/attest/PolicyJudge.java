package s3ml.attest;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Judges genuine evidence by a policy, and names everything that does not fit.
final class PolicyJudge {
    private PolicyJudge() {}

    static List<Finding> judge(Claims claims, Policy.PolicyTerms terms, Instant at) {
        List<Finding> findings = new ArrayList<>();
        if (claims.simulated() && !terms.allowSimulated()) {
            findings.add(new Finding(Check.POLICY_SIMULATED, "root", "a TEE's root", "a simulated platform's root"));
        }
        if (claims.debug() && !terms.allowDebug()) {
            findings.add(new Finding(Check.POLICY_DEBUG, "quote.body.attributes", "no debug", "debug"));
        }
        status(claims, terms.tcb(), at, findings);
        advisories(claims, terms.tcb(), findings);
        long least = terms.tcb().minEvaluationDataNumber();
        if (claims.tcbEvaluationDataNumber() < least) {
            findings.add(new Finding(
                    Check.POLICY_EVALUATION_NUMBER,
                    "tcb.evaluationDataNumber",
                    "at least " + least,
                    claims.tcbEvaluationDataNumber() + ""));
        }
        platform(claims, terms.platform(), findings);
        rules(claims, terms.rules(), findings);
        return findings;
    }

    private static void status(Claims claims, Policy.TcbTerms terms, Instant at, List<Finding> findings) {
        TcbStatus status = claims.tcbStatus();
        if (terms.statuses().contains(status)) {
            return;
        }
        // Within the grace period an outdated level counts as what it was when it was current.
        TcbStatus before = switch (status) {
            case OUT_OF_DATE, TD_RELAUNCH_ADVISED -> TcbStatus.UP_TO_DATE;
            case OUT_OF_DATE_CONFIGURATION_NEEDED, TD_RELAUNCH_ADVISED_CONFIGURATION_NEEDED ->
                TcbStatus.CONFIGURATION_NEEDED;
            case UP_TO_DATE,
                    SW_HARDENING_NEEDED,
                    CONFIGURATION_NEEDED,
                    CONFIGURATION_AND_SW_HARDENING_NEEDED,
                    REVOKED -> status;
        };
        Instant graceEnds = claims.tcbDate().plus(terms.grace().platform());
        if (terms.statuses().contains(before) && !at.isAfter(graceEnds)) {
            return;
        }
        findings.add(new Finding(Check.POLICY_STATUS, "tcb.status", "one of " + terms.statuses(), status.text()));
    }

    private static void advisories(Claims claims, Policy.TcbTerms terms, List<Finding> findings) {
        Optional<Set<String>> accepted = terms.acceptedAdvisories();
        for (String advisory : claims.advisoryIds()) {
            if (terms.refusedAdvisories().contains(advisory)) {
                findings.add(new Finding(Check.POLICY_ADVISORY, "tcb.advisoryIds", "not " + advisory, advisory));
            } else if (accepted.isPresent() && !accepted.get().contains(advisory)) {
                findings.add(
                        new Finding(Check.POLICY_ADVISORY, "tcb.advisoryIds", "one of " + accepted.get(), advisory));
            }
        }
    }

    private static void platform(Claims claims, Policy.PlatformTerms terms, List<Finding> findings) {
        Optional<PlatformIdentity.Configuration> configuration =
                claims.platform().configuration();
        if (configuration.isEmpty()) {
            return;
        }
        flag(terms.allowDynamic(), configuration.get().dynamicPlatform(), "dynamicPlatform", findings);
        flag(terms.allowCachedKeys(), configuration.get().cachedKeys(), "cachedKeys", findings);
        flag(terms.allowSmt(), configuration.get().smtEnabled(), "smtEnabled", findings);
    }

    private static void flag(boolean allowed, boolean actual, String name, List<Finding> findings) {
        if (actual && !allowed) {
            findings.add(new Finding(Check.POLICY_PLATFORM, "platform." + name, "false", "true"));
        }
    }

    private static void rules(Claims claims, List<PolicyRule> rules, List<Finding> findings) {
        List<Finding> failures = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            List<Finding> ofRule = rules.get(i).judge(claims.body(), "rules[" + i + "]");
            if (ofRule.isEmpty()) {
                return;
            }
            failures.addAll(ofRule);
        }
        findings.addAll(failures);
    }
}
