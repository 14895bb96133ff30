package s3ml.client.verify;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import s3ml.attest.Claims;
import s3ml.attest.Finding;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNull;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;

/// What came of a verification, for people and for machines.
public final class ServerReport {
    private final ServerDossier dossier;
    private final Instant at;
    private final Map<Part, PartVerdict> verdicts;
    private final Optional<Claims> claims;
    private final List<Expiry> expiries;

    ServerReport(
            ServerDossier dossier,
            Instant at,
            Map<Part, PartVerdict> verdicts,
            Optional<Claims> claims,
            List<Expiry> expiries) {
        this.dossier = dossier;
        this.at = at;
        this.verdicts = Map.copyOf(verdicts);
        this.claims = claims;
        this.expiries = List.copyOf(expiries);
    }

    /// Until when something holds.
    record Expiry(String what, Instant until) {}

    private PartVerdict of(Part part) {
        return java.util.Objects.requireNonNull(verdicts.get(part));
    }

    /// Rejected if one part is; unknown if one that was asked for is; trusted otherwise.
    public Outcome outcome() {
        List<PartVerdict> asked =
                verdicts.values().stream().filter(PartVerdict::asked).toList();
        if (asked.stream().anyMatch(part -> part.outcome() == Outcome.REJECTED)) {
            return Outcome.REJECTED;
        }
        return asked.stream().allMatch(part -> part.outcome() == Outcome.TRUSTED) ? Outcome.TRUSTED : Outcome.UNKNOWN;
    }

    /// Whether one part is trusted.
    public boolean trusts(Part part) {
        return of(part).outcome() == Outcome.TRUSTED;
    }

    /// True when the evidence comes from a platform that is no TEE.
    public boolean simulated() {
        return claims.map(Claims::simulated).orElse(false);
    }

    /// As `s3ml verify` of a quote, and one member for each part.
    ///
    /// @param now the present, to say what has expired
    public JsonObject toJson(Instant now) {
        List<Finding> findings = new ArrayList<>();
        for (Part part : Part.values()) {
            findings.addAll(of(part).findings());
        }
        JsonValue status = claims.<JsonValue>map(
                        known -> new JsonString(known.tcbStatus().text()))
                .orElse(new JsonNull());
        JsonObject.Builder document = JsonObject.builder()
                .put("verdict", outcome().text())
                .put("tcbStatus", status)
                .put(
                        "advisoryIds",
                        JsonArray.ofStrings(claims.map(Claims::advisoryIds).orElse(List.of())))
                .put("findings", PartVerdict.findings(findings))
                .put(
                        "claims",
                        claims.map(Claims::toJson).orElse(JsonObject.builder().build()))
                .put("simulated", simulated())
                .put("url", dossier.server().url())
                .put("at", at.toString());
        for (Part part : Part.values()) {
            document.put(part.member(), of(part).toJson());
        }
        return document.put("expired", expired(now)).build();
    }

    private JsonArray expired(Instant now) {
        return new JsonArray(expiries.stream()
                .filter(expiry -> expiry.until().isBefore(now))
                .<JsonValue>map(expiry -> JsonObject.builder()
                        .put("what", expiry.what())
                        .put("until", expiry.until().toString())
                        .build())
                .toList());
    }

    /// A report in whole sentences.
    public List<String> lines(Instant now) {
        List<String> lines = new ArrayList<>();
        if (simulated()) {
            lines.add("SIMULATED: this evidence comes from a platform that is no TEE. It protects nothing.");
        }
        lines.add(
                switch (outcome()) {
                    case TRUSTED -> "TRUSTED: everything below was checked, and nothing speaks against this server.";
                    case REJECTED -> "REJECTED: do not send anything to this server.";
                    case UNKNOWN -> "CANNOT TELL: nothing speaks against this server, but not all could be checked.";
                });
        lines.add("Server " + dossier.server().url() + ", judged as of " + at + ".");
        int number = 1;
        for (Part part : Part.values()) {
            lines.add("");
            lines.add(number++ + ". " + part.title() + ": " + word(of(part)));
            of(part).facts().forEach(fact -> lines.add("   " + fact));
            for (Finding finding : of(part).findings()) {
                lines.add("   " + finding.code() + "  " + finding.claim());
                lines.add("            expected  " + finding.expected());
                lines.add("            found     " + finding.actual());
            }
        }
        expiryLines(now, lines);
        return lines;
    }

    private static String word(PartVerdict verdict) {
        return switch (verdict.outcome()) {
            case TRUSTED -> "trusted";
            case REJECTED -> "REJECTED";
            case UNKNOWN -> verdict.asked() ? "cannot tell" : "not checked";
        };
    }

    private void expiryLines(Instant now, List<String> lines) {
        lines.add("");
        for (Expiry expiry : expiries) {
            lines.add((expiry.until().isBefore(now) ? "EXPIRED   " : "holds     ") + expiry.what() + ", until "
                    + expiry.until());
        }
        if (at.isBefore(now.minusSeconds(60))) {
            lines.add("What was true at " + at + " says nothing about today, " + now + ".");
        }
    }
}
