package s3ml.lab.paging;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// The outcomes of all policies in one scenario.
///
/// @param scenario what was run
/// @param outcomes one per policy, in the order of the contenders
/// @param seed which replays it
record Comparison(Scenario scenario, List<Outcome> outcomes, long seed) {
    static Comparison run(Scenario scenario, List<Contender> contenders, long seed) {
        List<Outcome> outcomes = new ArrayList<>();
        for (Contender contender : contenders) {
            outcomes.add(Cluster.run(scenario, contender, seed));
        }
        return new Comparison(scenario, outcomes, seed);
    }

    /// Our goodput over that of the best baseline; the oracle is none.
    double ratioToBestBaseline() {
        return ratio(Contender.Role.OURS);
    }

    /// The oracle's goodput over that of the best baseline: about what there was to gain. It looks no further than
    /// each request, so that near and over capacity others may do better.
    double oracleToBestBaseline() {
        return ratio(Contender.Role.ORACLE);
    }

    private double ratio(Contender.Role role) {
        double mine = 0;
        double best = 0;
        for (Outcome outcome : outcomes) {
            mine = outcome.role() == role ? outcome.goodput() : mine;
            best = outcome.role() == Contender.Role.BASELINE ? Math.max(best, outcome.goodput()) : best;
        }
        return best == 0 ? 1 : mine / best;
    }

    JsonObject json() {
        List<JsonValue> policies = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            policies.add(JsonObject.builder()
                    .put("name", outcome.name())
                    .put("goodput", rounded(outcome.goodput()))
                    .put("sloAttainment", rounded(outcome.sloAttainment()))
                    .put("p99Ms", rounded(outcome.p99Millis()))
                    .put("replicaHours", rounded(outcome.replicaHours()))
                    .build());
        }
        return JsonObject.builder()
                .put("name", scenario.name())
                .put("kind", scenario.kind().label())
                .put("policies", new JsonArray(policies))
                .put("ratioToBestBaseline", rounded(ratioToBestBaseline()))
                .put("seed", seed)
                .build();
    }

    static JsonObject json(List<Comparison> comparisons) {
        List<JsonValue> scenarios = new ArrayList<>();
        comparisons.forEach(comparison -> scenarios.add(comparison.json()));
        return JsonObject.builder().put("scenarios", new JsonArray(scenarios)).build();
    }

    /// Four decimals: what a simulation of some ten thousand requests can tell.
    static JsonNumber rounded(double value) {
        return new JsonNumber(String.format(Locale.ROOT, "%.4f", value));
    }

    void print(PrintWriter out) {
        out.printf(
                Locale.ROOT,
                "%s (%s): goodput %.3f of the best baseline, the oracle %.3f%n",
                scenario.name(),
                scenario.kind().label(),
                ratioToBestBaseline(),
                oracleToBestBaseline());
        for (Outcome outcome : outcomes) {
            out.printf(
                    Locale.ROOT,
                    "    %-22s %9.1f good/s   %6.2f %% within SLO   p99 %8.1f ms   %6.2f replica hours%n",
                    outcome.name(),
                    outcome.goodput(),
                    100 * outcome.sloAttainment(),
                    outcome.p99Millis(),
                    outcome.replicaHours());
        }
        out.flush();
    }
}
