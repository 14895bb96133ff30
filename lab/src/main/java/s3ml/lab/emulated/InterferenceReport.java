package s3ml.lab.emulated;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.lab.paging.SimulatedTwin;

/// What came of an experiment with real servers, and what the simulator had forecast.
///
/// @param rows one per scene
/// @param forecast per scene that the simulator knows, the share answered in time per policy
/// @param serviceMillis of each model alone, as measured
/// @param agentShare processor time of an agent, as a share of one core
/// @param seed of the arrivals
public record InterferenceReport(
        List<Row> rows,
        Map<String, Map<String, Double>> forecast,
        Map<String, Double> serviceMillis,
        double agentShare,
        long seed) {
    public InterferenceReport {
        rows = List.copyOf(rows);
        forecast = Map.copyOf(forecast);
        serviceMillis = Map.copyOf(serviceMillis);
    }

    /// One scene under all policies.
    record Row(FleetRun.Scene scene, List<FleetRun.Outcome> outcomes) {
        Row {
            outcomes = List.copyOf(outcomes);
        }

        double ratioToBestBaseline() {
            double ours = 0;
            double best = 0;
            for (FleetRun.Outcome outcome : outcomes) {
                if (outcome.policy() == RealPolicy.PAGING) {
                    ours = outcome.goodput();
                } else {
                    best = Math.max(best, outcome.goodput());
                }
            }
            return best == 0 ? 1 : ours / best;
        }
    }

    static InterferenceReport of(FleetRun run, List<Row> rows, int seconds, long seed) {
        SimulatedTwin twin = run.twin();
        Map<String, Map<String, Double>> forecast = new LinkedHashMap<>();
        // Its warm-up is not counted either.
        int simulated = Math.max(30, seconds + 5);
        forecast.put(FleetRun.Scene.QUIET.label(), twin.attainment(run.utilisation(), List.of(), simulated, seed));
        forecast.put(
                FleetRun.Scene.NEIGHBOUR.label(),
                twin.attainment(
                        run.utilisation(),
                        List.of(new SimulatedTwin.Neighbour(1.0 / twin.hosts(), 4_000, 0.1)),
                        simulated,
                        seed));
        return new InterferenceReport(rows, forecast, run.serviceMillis(), run.agentShare(), seed);
    }

    /// How far the forecasts are off, in shares of the requests: the mean over scenes and policies.
    public double meanError() {
        double sum = 0;
        int count = 0;
        for (Row row : rows) {
            for (FleetRun.Outcome outcome : row.outcomes()) {
                Double expected = forecast.getOrDefault(row.scene().label(), Map.of())
                        .get(outcome.policy().label());
                if (expected != null) {
                    sum += Math.abs(expected - outcome.sloAttainment());
                    count++;
                }
            }
        }
        return count == 0 ? 0 : sum / count;
    }

    /// The document of `s3ml lab interference --json`.
    public JsonObject json() {
        List<JsonValue> scenarios = new ArrayList<>();
        for (Row row : rows) {
            List<JsonValue> policies = new ArrayList<>();
            for (FleetRun.Outcome outcome : row.outcomes()) {
                JsonObject.Builder policy = JsonObject.builder()
                        .put("name", outcome.policy().label())
                        .put("goodput", number(outcome.goodput()))
                        .put("sloAttainment", number(outcome.sloAttainment()))
                        .put("p99Ms", number(outcome.p99Millis()))
                        .put("failed", outcome.failed())
                        .put("pagesPerSecond", number(outcome.pagesPerSecond()));
                Double expected = forecast.getOrDefault(row.scene().label(), Map.of())
                        .get(outcome.policy().label());
                if (expected != null) {
                    policy.put("simulatedSloAttainment", number(expected));
                }
                policies.add(policy.build());
            }
            scenarios.add(JsonObject.builder()
                    .put("name", row.scene().label())
                    .put("kind", row.scene().kind())
                    .put("policies", new JsonArray(policies))
                    .put("ratioToBestBaseline", number(row.ratioToBestBaseline()))
                    .put("seed", seed)
                    .build());
        }
        return JsonObject.builder()
                .put("scenarios", new JsonArray(scenarios))
                .put("meanSimulationError", number(meanError()))
                .put("agentCoreShare", number(agentShare))
                .build();
    }

    private static JsonNumber number(double value) {
        return new JsonNumber(InterferenceCommand.number(value));
    }

    void print(PrintWriter out) {
        serviceMillis.forEach((model, millis) -> out.printf(Locale.ROOT, "model %s: %.1f ms alone%n", model, millis));
        for (Row row : rows) {
            out.printf(
                    Locale.ROOT,
                    "%s (%s): goodput %.3f of the best baseline%n",
                    row.scene().label(),
                    row.scene().kind(),
                    row.ratioToBestBaseline());
            for (FleetRun.Outcome outcome : row.outcomes()) {
                Double expected = forecast.getOrDefault(row.scene().label(), Map.of())
                        .get(outcome.policy().label());
                out.printf(
                        Locale.ROOT,
                        "    %-20s %7.1f good/s  %6.2f %% within SLO%s  p99 %7.1f ms  %4d failed  %8.0f pages/s%n",
                        outcome.policy().label(),
                        outcome.goodput(),
                        100 * outcome.sloAttainment(),
                        expected == null ? "" : String.format(Locale.ROOT, " (simulated %.2f)", 100 * expected),
                        outcome.p99Millis(),
                        outcome.failed(),
                        outcome.pagesPerSecond());
            }
        }
        out.printf(Locale.ROOT, "mean error of the simulated share: %.3f%n", meanError());
        out.printf(Locale.ROOT, "an agent: %.2f %% of a core%n", 100 * agentShare);
    }
}
