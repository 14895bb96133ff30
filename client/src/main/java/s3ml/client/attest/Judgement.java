package s3ml.client.attest;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import s3ml.attest.Claims;
import s3ml.attest.Finding;
import s3ml.attest.SgxReport;
import s3ml.attest.TdReport;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNull;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;
import s3ml.client.verify.Outcome;

/// What `s3ml verify` answers, as JSON and in plain words.
///
/// @param outcome trusted, rejected, or neither can be told
/// @param claims what the evidence says; present when it is genuine
/// @param findings reasons against it, or why it cannot be told
record Judgement(Outcome outcome, Optional<Claims> claims, List<Finding> findings, List<String> notes) {
    Judgement {
        findings = List.copyOf(findings);
        notes = List.copyOf(notes);
    }

    JsonObject toJson() {
        List<JsonValue> all = new ArrayList<>();
        for (Finding finding : findings) {
            all.add(JsonObject.builder()
                    .put("code", finding.code())
                    .put("claim", finding.claim())
                    .put("expected", finding.expected())
                    .put("actual", finding.actual())
                    .build());
        }
        JsonValue status = claims.<JsonValue>map(
                        known -> new JsonString(known.tcbStatus().text()))
                .orElse(new JsonNull());
        return JsonObject.builder()
                .put("verdict", outcome.text())
                .put("tcbStatus", status)
                .put(
                        "advisoryIds",
                        JsonArray.ofStrings(claims.map(Claims::advisoryIds).orElse(List.of())))
                .put("findings", new JsonArray(all))
                .put(
                        "claims",
                        claims.map(Claims::toJson).orElse(JsonObject.builder().build()))
                .build();
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (claims.map(Claims::simulated).orElse(false)) {
            lines.add("SIMULATED: this evidence comes from a platform that is no TEE. It protects nothing.");
        }
        lines.add(
                switch (outcome) {
                    case TRUSTED -> "TRUSTED: the evidence is genuine and satisfies the policy.";
                    case REJECTED -> "REJECTED: do not trust this evidence.";
                    case UNKNOWN ->
                        "CANNOT TELL: nothing speaks against the evidence yet, but not all could be judged.";
                });
        claims.ifPresent(known -> proven(known, lines));
        if (!findings.isEmpty()) {
            lines.add(outcome == Outcome.REJECTED ? "Because:" : "Not judged:");
            for (Finding finding : findings) {
                lines.add("  " + finding.code() + "  " + finding.claim());
                lines.add("           expected  " + finding.expected());
                lines.add("           found     " + finding.actual());
            }
        }
        lines.addAll(notes);
        return lines;
    }

    private static void proven(Claims claims, List<String> lines) {
        lines.add(
                "Proven by the vendor's root " + claims.rootFingerprint().hex().substring(0, 16) + "…:");
        switch (claims.body()) {
            case SgxReport report -> {
                lines.add(
                        "  an SGX enclave runs the code   " + report.mrEnclave().hex() + "  (mrEnclave)");
                lines.add(
                        "  signed by                      " + report.mrSigner().hex() + "  (mrSigner)");
                lines.add("  as product " + report.isvProdId() + ", security version " + report.isvSvn());
            }
            case TdReport report -> {
                lines.add("  a TDX domain was started from  " + report.mrTd().hex() + "  (mrTd)");
                for (int i = 0; i < 4; i++) {
                    lines.add("  run-time register " + i + "            "
                            + report.rtmr(i).hex());
                }
            }
        }
        lines.add("  it spoke the report data       " + claims.reportData().hex());
        lines.add("  a debugger " + (claims.debug() ? "CAN read its memory" : "cannot read its memory"));
        lines.add("  the platform's TCB is " + claims.tcbStatus() + ", of " + claims.tcbDate()
                + (claims.advisoryIds().isEmpty()
                        ? ", without open advisories"
                        : ", with the open advisories " + String.join(", ", claims.advisoryIds())));
        lines.add("  the collateral holds until " + claims.validUntil());
    }
}
