package s3ml.lab.paging;

import static s3ml.lab.report.Figures.text;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.lab.plot.Chart;
import s3ml.lab.plot.Series;
import s3ml.lab.report.Section;

/// The experiments of this package as sections of a report.
public final class PagingSections {
    private static final double CLAIMED = 1.5;
    private static final double NO_LOSS = 0.98;
    private static final double TICK_MILLIS = 10;

    private PagingSections() {}

    /// What paging costs on the emulated EPC, against the working set.
    ///
    /// @param seconds measured per setting
    /// @param few whether four settings will do
    public static Section paging(int seconds, boolean few) throws IOException {
        List<EmulatedPoint> points = PagingCommand.measure(seconds, few);
        List<EmulatedPoint> alone =
                points.stream().filter(point -> point.antagonist() == 0).toList();
        List<EmulatedPoint> beside =
                points.stream().filter(point -> point.antagonist() > 0).toList();
        List<List<String>> rows = new ArrayList<>();
        for (EmulatedPoint point : points) {
            rows.add(List.of(
                    Long.toString(point.pages()),
                    Long.toString(point.antagonist()),
                    text("%.1f", point.walkMillis()),
                    text("%.1f", point.worstMillis()),
                    text("%.0f", point.pagesPerSecond()),
                    text("%.1f", point.forecastWalkMillis()),
                    text("%.0f", point.forecastPagesPerSecond())));
        }
        double error = PagingCommand.medianError(points);
        return new Section(
                "Latency and paging against the working set",
                "./s3ml lab paging --seconds " + seconds + (few ? " --few" : ""),
                "A working set is walked every 50 ms on the emulated EPC of 23,936 pages (real AES-GCM on each page, one"
                        + " reclaimer), alone and then 9,000 pages beside somebody else's enclave. The simulator's rate is off by "
                        + text("%.0f %% (median over the settings that page).", 100 * error),
                new Section.Table(
                        List.of(
                                "pages",
                                "somebody else's",
                                "walk ms",
                                "p99 ms",
                                "pages/s",
                                "simulated ms",
                                "simulated pages/s"),
                        rows),
                Map.of(
                        "paging-alone",
                        walks("One enclave alone", "working set, pages", alone, EmulatedPoint::pages),
                        "paging-beside",
                        walks(
                                "9,000 pages beside somebody else's enclave",
                                "somebody else's working set, pages",
                                beside,
                                EmulatedPoint::antagonist)),
                List.of(),
                JsonObject.builder()
                        .put("medianRateError", Comparison.rounded(error))
                        .build());
    }

    private static Chart walks(
            String title,
            String xLabel,
            List<EmulatedPoint> points,
            java.util.function.ToLongFunction<EmulatedPoint> place) {
        double[] x =
                points.stream().mapToDouble(point -> place.applyAsLong(point)).toArray();
        return Chart.lines(
                title,
                xLabel,
                "time of a walk, ms",
                List.of(
                        Series.line(
                                "emulated, median",
                                x,
                                points.stream()
                                        .mapToDouble(EmulatedPoint::walkMillis)
                                        .toArray()),
                        Series.line(
                                "emulated, p99",
                                x,
                                points.stream()
                                        .mapToDouble(EmulatedPoint::worstMillis)
                                        .toArray()),
                        Series.line(
                                "simulated, median",
                                x,
                                points.stream()
                                        .mapToDouble(EmulatedPoint::forecastWalkMillis)
                                        .toArray())));
    }

    /// Which signal tells that a model misses its objective.
    public static Section predictor(int runs, long seed) {
        List<PredictorCommand.Row> rows = PredictorCommand.Row.all(runs, seed);
        List<JsonValue> data = new ArrayList<>();
        rows.forEach(row -> data.add(row.json()));
        PredictorTable table = new PredictorTable(rows.stream()
                .map(row -> new PredictorTable.Row(row.model().name(), row.predictors()))
                .toList());
        return new Section(
                "Which signal predicts that the objective is missed",
                "./s3ml lab predictor --runs " + Math.max(40, runs) + " --seed " + seed,
                "In the simulator, for six models: a threshold per signal is fitted on half of a designed experiment over load,"
                        + " antagonist and replicas, and judged on the other half. The interval is the 5th to 95th percentile over resampled runs.",
                table.table(),
                Map.of("predictor", table.f1()),
                List.of(),
                JsonObject.builder().put("models", new JsonArray(data)).build());
    }

    /// Balancing with and without interference.
    public static Section balance(int hosts, int seconds, long seed) {
        List<Comparison> all = new ArrayList<>();
        Scenarios.balancing(hosts, seconds)
                .forEach(scenario -> all.add(Comparison.run(scenario, Contender.balancing(), seed)));
        long met = all.stream()
                .filter(c -> c.scenario().kind() == Scenario.Kind.INTERFERENCE)
                .filter(c -> c.ratioToBestBaseline() >= CLAIMED)
                .count();
        long possible = all.stream()
                .filter(c -> c.scenario().kind() == Scenario.Kind.INTERFERENCE)
                .filter(c -> c.oracleToBestBaseline() >= CLAIMED)
                .count();
        long interfered = all.stream()
                .filter(c -> c.scenario().kind() == Scenario.Kind.INTERFERENCE)
                .count();
        double worst = all.stream()
                .filter(c -> c.scenario().kind() == Scenario.Kind.NO_PAGING)
                .mapToDouble(Comparison::ratioToBestBaseline)
                .min()
                .orElse(1);
        List<Section.Claim> claims = List.of(
                new Section.Claim(
                        "under interference, goodput within the objective is at least 1.5 times the best baseline's",
                        met == interfered,
                        met + " of " + interfered + " scenarios; the oracle itself reaches it in " + possible
                                + ", since the best baseline already answers most of what is offered in the others"),
                new Section.Claim(
                        "without paging, at least 0.98 of the best baseline's",
                        worst >= NO_LOSS,
                        text("worst of the scenarios: %.3f", worst)));
        return comparisons(
                "Balancing",
                "./s3ml lab balance --hosts " + hosts + " --seconds " + seconds + " --seed " + seed,
                "In the cluster simulator, which runs the very policy classes. Same arrivals and antagonists for all policies. The"
                        + " oracle sends each request to where it will be answered soonest by the true state of all hosts.",
                all,
                claims);
    }

    /// Scaling under rising load, a flash crowd and a day's curve.
    public static Section scale(int hosts, int seconds, long seed) {
        List<Comparison> all = new ArrayList<>();
        Scenarios.scaling(hosts, seconds)
                .forEach(scenario ->
                        all.add(Comparison.run(scenario, Contender.scaling(s3ml.policy.ScaleConfig.defaults()), seed)));
        return comparisons(
                "Scaling",
                "./s3ml lab scale --hosts " + hosts + " --seconds " + seconds + " --seed " + seed,
                "In the cluster simulator. A quarter of the hosts is filled at the start, and a third of them is another tenant's.",
                all,
                List.of());
    }

    private static Section comparisons(
            String title, String command, String text, List<Comparison> all, List<Section.Claim> claims) {
        List<List<String>> rows = new ArrayList<>();
        for (Comparison comparison : all) {
            for (Outcome outcome : comparison.outcomes()) {
                rows.add(List.of(
                        comparison.scenario().name(),
                        outcome.name(),
                        text("%.1f", outcome.goodput()),
                        text("%.2f %%", 100 * outcome.sloAttainment()),
                        text("%.1f", outcome.p99Millis()),
                        text("%.2f", outcome.replicaHours()),
                        outcome.role() == Contender.Role.OURS
                                ? text("%.3f", comparison.ratioToBestBaseline())
                                : outcome.role() == Contender.Role.ORACLE
                                        ? text("%.3f", comparison.oracleToBestBaseline())
                                        : ""));
            }
        }
        String file = title.toLowerCase(Locale.ROOT);
        return new Section(
                title,
                command,
                text,
                new Section.Table(
                        List.of(
                                "scenario",
                                "policy",
                                "good/s",
                                "within objective",
                                "p99 ms",
                                "replica hours",
                                "over the best baseline"),
                        rows),
                Map.of(
                        file,
                        Chart.bars(
                                "Goodput over the best baseline's",
                                "ratio",
                                all.stream().map(c -> c.scenario().name()).toList(),
                                List.of(
                                        Series.bars(
                                                "s3ml-paging",
                                                all.stream()
                                                        .mapToDouble(Comparison::ratioToBestBaseline)
                                                        .toArray()),
                                        Series.bars(
                                                "oracle",
                                                all.stream()
                                                        .mapToDouble(Comparison::oracleToBestBaseline)
                                                        .toArray())))),
                claims,
                Comparison.json(all));
    }

    /// The time of one control tick.
    public static Section tick(int ticks, long seed) {
        List<TickCommand.Sample> samples = TickCommand.samples(ticks, seed);
        List<List<String>> rows = new ArrayList<>();
        double atThousand = 0;
        for (TickCommand.Sample sample : samples) {
            rows.add(List.of(
                    Integer.toString(sample.hosts()),
                    text("%.2f", sample.medianMillis()),
                    text("%.2f", sample.p99Millis())));
            atThousand = sample.hosts() == 1000 ? sample.medianMillis() : atThousand;
        }
        double[] hosts = samples.stream().mapToDouble(TickCommand.Sample::hosts).toArray();
        return new Section(
                "One control tick",
                "./s3ml lab tick --ticks " + ticks + " --seed " + seed,
                "Weights and scaling for fleets of ten replicas a host, a fifth of which pages.",
                new Section.Table(List.of("hosts", "median ms", "p99 ms"), rows),
                Map.of(
                        "tick",
                        Chart.lines(
                                "One control tick",
                                "hosts",
                                "median, ms",
                                List.of(Series.line(
                                        "weights and scaling",
                                        hosts,
                                        samples.stream()
                                                .mapToDouble(TickCommand.Sample::medianMillis)
                                                .toArray())))),
                List.of(new Section.Claim(
                        "one control tick at 1,000 hosts takes at most 10 ms",
                        atThousand <= TICK_MILLIS,
                        text("median %.2f ms", atThousand))),
                JsonObject.builder()
                        .put("medianMsAt1000", Comparison.rounded(atThousand))
                        .build());
    }
}
