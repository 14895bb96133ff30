package s3ml.lab.emulated;

import static s3ml.lab.report.Figures.text;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.lab.paging.Predictor;
import s3ml.lab.paging.ProbeRun;
import s3ml.lab.plot.Chart;
import s3ml.lab.plot.Series;
import s3ml.lab.report.Section;

/// What the runs of a model tell: the paging rate at which the objective breaks, how sure that is, and whether paging
/// tells anything at all.
///
/// @param subject the model as it was measured
/// @param runs of the designed experiment
/// @param predictors one per signal, judged on held-out runs
/// @param doubt why paging does not predict; empty when it does
record ModelAnalysis(Subject subject, List<ProbeRun> runs, List<Predictor> predictors, Optional<String> doubt) {
    private static final double LEAST_F1 = 0.5;
    private static final double LEAST_PRECISION = 0.6;
    private static final int LEAST_OF_A_KIND = 4;

    ModelAnalysis {
        runs = List.copyOf(runs);
        predictors = List.copyOf(predictors);
    }

    /// A model as it was measured.
    ///
    /// @param command that analyses it again
    record Subject(String name, double objectiveMillis, double serviceMillis, int pages, String command) {}

    static ModelAnalysis of(Subject subject, List<ProbeRun> runs, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Predictor> predictors = new ArrayList<>();
        for (ProbeRun.Signal signal : ProbeRun.Signal.values()) {
            predictors.add(Predictor.fit(runs, signal, random.split()));
        }
        return new ModelAnalysis(subject, runs, predictors, doubt(runs, predictors.getFirst()));
    }

    private static long violated(List<ProbeRun> runs) {
        return runs.stream().filter(ProbeRun::violated).count();
    }

    /// The signals, a line each, as `lab predictor` prints them.
    String table() {
        StringBuilder lines = new StringBuilder(text(
                "%s: %.0f %% of %d runs missed p99 < %.0f ms; %.1f ms alone, %d pages%n",
                subject.name(),
                100.0 * violated(runs) / runs.size(),
                runs.size(),
                subject.objectiveMillis(),
                subject.serviceMillis(),
                subject.pages()));
        for (Predictor predictor : predictors) {
            lines.append(predictor.line());
        }
        return lines.toString();
    }

    private static Optional<String> doubt(List<ProbeRun> runs, Predictor paging) {
        long violated = violated(runs);
        long paged = runs.stream().filter(run -> run.paging() >= 1).count();
        if (violated < LEAST_OF_A_KIND || runs.size() - violated < LEAST_OF_A_KIND) {
            return Optional.of(text(
                    "%d of %d runs missed the objective; both kinds are needed to tell them apart",
                    violated, runs.size()));
        }
        if (paged < LEAST_OF_A_KIND || paging.threshold() == 0) {
            return Optional.of(text("only %d of %d runs paged at all", paged, runs.size()));
        }
        if (paging.precision() < LEAST_PRECISION || paging.f1() < LEAST_F1) {
            return Optional.of(text(
                    "on held-out runs its precision is %.2f and its recall %.2f", paging.precision(), paging.recall()));
        }
        return Optional.empty();
    }

    private Predictor paging() {
        return predictors.getFirst();
    }

    /// The model's entry in `fleet.json`.
    JsonObject profile() {
        JsonObject.Builder json = JsonObject.builder()
                .put("name", subject.name())
                .put("objectiveMillis", number(subject.objectiveMillis()))
                .put("serviceMillis", number(subject.serviceMillis()))
                .put("workingSetPages", subject.pages());
        if (doubt.isEmpty()) {
            json.put("pagingThreshold", number(paging().threshold()))
                    .put("pagingThresholdLow", number(paging().low()))
                    .put("pagingThresholdHigh", number(paging().high()));
        }
        return json.build();
    }

    /// The profile and how good it is.
    JsonObject json() {
        List<JsonValue> signals = new ArrayList<>();
        for (Predictor predictor : predictors) {
            signals.add(JsonObject.builder()
                    .put("name", predictor.name())
                    .put("precision", number(predictor.precision()))
                    .put("recall", number(predictor.recall()))
                    .put("spearman", number(predictor.spearman()))
                    .put("threshold", number(predictor.threshold()))
                    .build());
        }
        JsonObject.Builder json = JsonObject.builder()
                .put("name", subject.name())
                .put("violatedShare", number(violated(runs) / (double) runs.size()))
                .put("profile", profile())
                .put("predictive", doubt.isEmpty())
                .put("runs", runs.size())
                .put("signals", new JsonArray(signals));
        doubt.ifPresent(why -> json.put("why", why));
        return json.build();
    }

    String verdict() {
        return doubt.map(why -> "paging does NOT predict a miss of the objective for this model: " + why
                        + "; the profile leaves the threshold out, and the policy judges it by latency")
                .orElseGet(() -> text(
                        "the objective breaks at %.0f pages/s (%.0f to %.0f, 5th to 95th percentile over resampled runs); on"
                                + " held-out runs precision %.2f, recall %.2f",
                        paging().threshold(),
                        paging().low(),
                        paging().high(),
                        paging().precision(),
                        paging().recall()));
    }

    /// That paging tells what it is asked for.
    Section.Claim claim() {
        return new Section.Claim(
                "paging predicts a miss of the objective of " + subject.name(), doubt.isEmpty(), verdict());
    }

    Section section() {
        List<List<String>> rows = new ArrayList<>();
        for (Predictor predictor : predictors) {
            rows.add(List.of(
                    predictor.name(),
                    text("%.2f", predictor.precision()),
                    text("%.2f", predictor.recall()),
                    text("%.2f", predictor.spearman()),
                    text("%.2f (%.2f to %.2f)", predictor.threshold(), predictor.low(), predictor.high())));
        }
        return new Section(
                "Model " + subject.name(),
                subject.command(),
                text(
                                "%.1f ms alone, %d pages, objective p99 < %.0f ms; %d runs over load, antagonist and replicas on one emulated"
                                        + " host, real servers. ",
                                subject.serviceMillis(), subject.pages(), subject.objectiveMillis(), runs.size())
                        + verdict() + ".",
                new Section.Table(List.of("signal", "precision", "recall", "Spearman", "threshold"), rows),
                Map.of("p99-against-paging", scatter(), "signals", bars()),
                List.of(claim()),
                json());
    }

    Chart scatter() {
        double most = 3 * subject.objectiveMillis();
        return Chart.lines(
                subject.name() + ": p99 against paging (cut at three objectives)",
                "contention, pages/s",
                "p99, ms",
                List.of(
                        points("met", false, most),
                        points("missed", true, most),
                        Series.line(
                                "threshold",
                                new double[] {paging().threshold(), paging().threshold()},
                                new double[] {0, most})));
    }

    private Series points(String name, boolean violated, double most) {
        List<ProbeRun> some =
                runs.stream().filter(run -> run.violated() == violated).toList();
        return Series.points(
                name,
                some.stream().mapToDouble(ProbeRun::paging).toArray(),
                some.stream()
                        .mapToDouble(run -> Math.min(most, run.p99Millis()))
                        .toArray());
    }

    private Chart bars() {
        return Chart.bars(
                "F1 on held-out runs",
                "F1",
                predictors.stream().map(Predictor::name).toList(),
                List.of(Series.bars(
                        subject.name(),
                        predictors.stream().mapToDouble(Predictor::f1).toArray())));
    }

    private static JsonNumber number(double value) {
        return new JsonNumber(InterferenceCommand.number(value));
    }
}
