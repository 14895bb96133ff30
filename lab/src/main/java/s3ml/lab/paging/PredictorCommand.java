package s3ml.lab.paging;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;
import s3ml.lab.options.SeedOption;

/// `s3ml lab predictor`: which signal tells that a model misses its objective.
@Command(
        name = "predictor",
        description = {
            "For six models: fit a threshold per signal (paging, CPU, QPS, queue) on half of a designed experiment over",
            "load, antagonist and replicas, and judge it on the held-out half. In the simulator, not on real servers."
        },
        mixinStandardHelpOptions = true)
public final class PredictorCommand implements Callable<Integer> {
    static final List<SimModel> MODELS = List.of(
            SimModel.FACE, SimModel.HAND, SimModel.POSE, SimModel.MOBILENET, SimModel.DETECTOR, SimModel.OBJECTRON);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Mixin
    private SeedOption seed = new SeedOption();

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "120",
            description = "runs per model, at least 40 (default: ${DEFAULT-VALUE})")
    private int runs;

    private PredictorCommand() {}

    /// The signals of one model, best first by F1 as they come.
    ///
    /// @param model the model
    /// @param violated share of all runs that missed the objective
    /// @param predictors one per signal
    record Row(SimModel model, double violated, List<Predictor> predictors) {
        static List<Row> all(int runs, long seed) {
            SplittableRandom random = new SplittableRandom(seed);
            List<Row> rows = new ArrayList<>();
            for (SimModel model : MODELS) {
                List<ProbeRun> all = ProbeRun.design(model, Math.max(40, runs), random.split());
                List<Predictor> predictors = new ArrayList<>();
                for (ProbeRun.Signal signal : ProbeRun.Signal.values()) {
                    predictors.add(Predictor.fit(all, signal, random.split()));
                }
                double violated =
                        (double) all.stream().filter(ProbeRun::violated).count() / all.size();
                rows.add(new Row(model, violated, predictors));
            }
            return rows;
        }

        JsonObject json() {
            List<JsonValue> signals = new ArrayList<>();
            for (Predictor predictor : predictors) {
                signals.add(JsonObject.builder()
                        .put("name", predictor.name())
                        .put("precision", Comparison.rounded(predictor.precision()))
                        .put("recall", Comparison.rounded(predictor.recall()))
                        .put("spearman", Comparison.rounded(predictor.spearman()))
                        .put("threshold", Comparison.rounded(predictor.threshold()))
                        .put("thresholdLow", Comparison.rounded(predictor.low()))
                        .put("thresholdHigh", Comparison.rounded(predictor.high()))
                        .build());
            }
            return JsonObject.builder()
                    .put("name", model.name())
                    .put("violatedShare", Comparison.rounded(violated))
                    .put("signals", new JsonArray(signals))
                    .build();
        }
    }

    @Override
    public Integer call() {
        List<Row> rows = Row.all(runs, seed.value());
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted()) {
            List<JsonValue> models = new ArrayList<>();
            rows.forEach(row -> models.add(row.json()));
            json.print(JsonObject.builder()
                    .put("models", new JsonArray(models))
                    .put("seed", seed.value())
                    .build());
        } else {
            for (Row row : rows) {
                out.printf(
                        Locale.ROOT,
                        "%s: %.0f %% of the runs missed the objective%n",
                        row.model().name(),
                        100 * row.violated());
                for (Predictor predictor : row.predictors()) {
                    out.print(predictor.line());
                }
            }
        }
        out.flush();
        return 0;
    }
}
