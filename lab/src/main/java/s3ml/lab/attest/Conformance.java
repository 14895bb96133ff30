package s3ml.lab.attest;

import java.security.Provider;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Appraiser;
import s3ml.attest.Check;
import s3ml.attest.Claims;
import s3ml.attest.Examination;
import s3ml.attest.Finding;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// Compares our verdicts with those of Intel's library, case by case.
///
/// No policy is applied, as Intel's library applies none: what is compared is whether evidence is genuine, and its
/// status.
final class Conformance {
    private final Appraiser appraiser;
    private final List<JsonValue> stricter = new ArrayList<>();
    private final List<JsonValue> laxer = new ArrayList<>();
    private final List<JsonValue> different = new ArrayList<>();
    private int cases;
    private int equal;

    Conformance(@Nullable Provider provider) {
        this.appraiser = new Appraiser(provider);
    }

    void judge(ExpectedCase each) {
        cases++;
        Examination ours;
        try {
            ours = appraiser.examine(each.quote(), each.collateral(), each.roots(), each.at());
        } catch (S3mlException e) {
            // Collateral that cannot even be read: refused before there is anything to examine.
            ours = new Examination(
                    Optional.empty(),
                    List.of(new Finding(e.code(), "collateral", "readable", String.valueOf(e.getMessage()))));
        }
        if (!each.intelAccepts()) {
            if (ours.claims().isEmpty()) {
                equal++;
            } else {
                laxer.add(each.named()
                        .put("ours", ours.claims().get().tcbStatus().text())
                        .build());
            }
        } else if (ours.claims().isPresent()) {
            compare(each, ours.claims().get());
        } else {
            refused(each, ours.findings());
        }
    }

    private void compare(ExpectedCase each, Claims claims) {
        boolean same = claims.tcbStatus().text().equals(each.intelStatus())
                && Set.copyOf(claims.advisoryIds()).equals(each.intelAdvisories());
        if (same) {
            equal++;
            return;
        }
        different.add(each.named()
                .put("ours", claims.tcbStatus().text())
                .put("oursAdvisoryIds", JsonArray.ofStrings(claims.advisoryIds()))
                .put("intel", each.intelStatus())
                .build());
    }

    /// A refusal is stricter on purpose when every finding is of a check that says why it goes beyond Intel's.
    private void refused(ExpectedCase each, List<Finding> findings) {
        List<String> reasons = new ArrayList<>();
        for (Finding finding : findings) {
            reason(finding).ifPresent(reasons::add);
        }
        JsonObject.Builder named = each.named()
                .put(
                        "findings",
                        JsonArray.ofStrings(
                                findings.stream().map(Finding::toString).toList()));
        if (reasons.size() == findings.size()) {
            stricter.add(
                    named.put("reason", String.join("; ", Set.copyOf(reasons))).build());
        } else {
            different.add(named.put("intel", each.intelStatus()).build());
        }
    }

    private static Optional<String> reason(Finding finding) {
        for (Check check : Check.values()) {
            if (check.code().equals(finding.code())) {
                return check.stricterThanIntel();
            }
        }
        return Optional.empty();
    }

    /// Whether we never accept what Intel's library rejects, and differ in nothing that is not named.
    boolean conforms() {
        return laxer.isEmpty() && different.isEmpty();
    }

    JsonObject report() {
        return JsonObject.builder()
                .put("cases", cases)
                .put("equal", equal)
                .put("stricter", new JsonArray(stricter))
                .put("laxer", new JsonArray(laxer))
                .put("different", new JsonArray(different))
                .build();
    }
}
