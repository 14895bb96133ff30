package s3ml.client.verify;

import java.util.ArrayList;
import java.util.List;
import s3ml.attest.Finding;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// The verdict on one part, with reasons.
///
/// @param asked false when nobody brought what it would take to judge it
/// @param findings what speaks against it, or why it cannot be told
/// @param facts what was proven, in whole sentences
record PartVerdict(Outcome outcome, boolean asked, List<Finding> findings, List<String> facts) {
    PartVerdict {
        findings = List.copyOf(findings);
        facts = List.copyOf(facts);
    }

    /// What one check after the other finds.
    static final class Builder {
        private final List<Finding> against = new ArrayList<>();
        private final List<Finding> untold = new ArrayList<>();
        private final List<String> facts = new ArrayList<>();

        /// A check that decides: the fact, or the finding.
        Builder check(boolean good, String fact, Finding otherwise) {
            if (good) {
                facts.add(fact);
            } else {
                against.add(otherwise);
            }
            return this;
        }

        Builder against(Finding finding) {
            against.add(finding);
            return this;
        }

        Builder untold(Finding finding) {
            untold.add(finding);
            return this;
        }

        Builder fact(String sentence) {
            facts.add(sentence);
            return this;
        }

        PartVerdict build() {
            return build(true);
        }

        PartVerdict build(boolean asked) {
            List<Finding> findings = new ArrayList<>(against);
            findings.addAll(untold);
            Outcome outcome = !against.isEmpty()
                    ? Outcome.REJECTED
                    : untold.isEmpty() && asked ? Outcome.TRUSTED : Outcome.UNKNOWN;
            return new PartVerdict(outcome, asked, findings, facts);
        }
    }

    JsonObject toJson() {
        return JsonObject.builder()
                .put("verdict", outcome.text())
                .put("checked", asked)
                .put("findings", findings(findings))
                .put("facts", JsonArray.ofStrings(facts))
                .build();
    }

    static JsonArray findings(List<Finding> findings) {
        return new JsonArray(findings.stream()
                .<JsonValue>map(finding -> JsonObject.builder()
                        .put("code", finding.code())
                        .put("claim", finding.claim())
                        .put("expected", finding.expected())
                        .put("actual", finding.actual())
                        .build())
                .toList());
    }
}
