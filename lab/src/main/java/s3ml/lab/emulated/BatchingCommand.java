package s3ml.lab.emulated;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
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
import s3ml.lab.options.Rounded;
import s3ml.lab.options.SeedOption;
import s3ml.lab.serve.Folders;

/// `s3ml lab batching`: whether a server that pages should wait for larger batches than those that form by themselves.
@Command(
        name = "batching",
        description = {
            "Run real servers of a model with large weights on an emulated host, with and without somebody else's enclave",
            "that pushes their pages out, under loads below and above what they can answer one by one. Compare one request",
            "a run, the requests that are there, and waiting for more as a server could do while it pages."
        },
        mixinStandardHelpOptions = true)
public final class BatchingCommand implements Callable<Integer> {
    private static final int LARGEST = 16;

    /// A request that waits longer than this many runs came to a server that is too busy.
    private static final int OBJECTIVE_RUNS = 6;

    /// Fewer runs in one load say nothing.
    private static final int LEAST_RUNS = 30;

    private static final BatchingRun.Way ALONE = new BatchingRun.Way("alone", 1, Duration.ZERO);
    private static final BatchingRun.Way PRESENT = new BatchingRun.Way("present", LARGEST, Duration.ZERO);

    /// Of what one by one could answer in the same scene.
    private static final List<Double> LOADS = List.of(0.5, 1.0, 2.0, 4.0);

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Mixin
    private SeedOption seed = new SeedOption();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "8",
            description = "of each load, at least; longer where one run takes long (default: ${DEFAULT-VALUE})")
    private int seconds;

    private BatchingCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("s3ml-lab-batching-");
        List<JsonValue> scenes = new ArrayList<>();
        try (BatchingRun run = BatchingRun.start(folder)) {
            for (boolean pressed : List.of(false, true)) {
                run.pressed(pressed);
                scenes.add(scene(run, pressed));
            }
            JsonObject report = JsonObject.builder()
                    .put("pages", run.pages())
                    .put("largestBatch", LARGEST)
                    .put("scenes", new JsonArray(scenes))
                    .put("seconds", seconds)
                    .put("seed", seed.value())
                    .build();
            json.printAlways(report);
        } finally {
            Folders.remove(folder);
        }
        return 0;
    }

    private JsonObject scene(BatchingRun run, boolean pressed) throws IOException, InterruptedException {
        double alone = run.alone(ALONE);
        // One run's time is how long it pays at most to wait for company: later the next run could have begun.
        List<BatchingRun.Way> ways = List.of(
                ALONE,
                PRESENT,
                new BatchingRun.Way("waiting half a run", LARGEST, Duration.ofNanos((long) (alone / 2 * 1e6))),
                new BatchingRun.Way("waiting a run", LARGEST, Duration.ofNanos((long) (alone * 1e6))));
        Duration objective = Duration.ofNanos((long) (OBJECTIVE_RUNS * alone * 1e6));
        Duration time = Duration.ofNanos((long) Math.max(seconds * 1e9, LEAST_RUNS * alone * 1e6));
        List<JsonValue> rows = new ArrayList<>();
        for (double load : LOADS) {
            Map<BatchingRun.Way, BatchingRun.Outcome> outcomes = new LinkedHashMap<>();
            for (BatchingRun.Way way : ways) {
                BatchingRun.Outcome outcome = run.run(way, load * 1000 / alone, time, objective, seed.value());
                outcomes.put(way, outcome);
                told(pressed, load, way, outcome);
            }
            outcomes.forEach((way, outcome) -> rows.add(row(load, way, outcome)));
        }
        return JsonObject.builder()
                .put("paging", pressed)
                .put("aloneMillis", Rounded.thousandth(alone))
                .put("objectiveMillis", objective.toMillis())
                .put("seconds", time.toSeconds())
                .put("rows", new JsonArray(rows))
                .build();
    }

    private void told(boolean pressed, double load, BatchingRun.Way way, BatchingRun.Outcome outcome) {
        PrintWriter people = spec.commandLine().getErr();
        people.printf(
                Locale.ROOT,
                "%s, load %.1f, %s: %.1f/s in time, p50 %.0f ms, p99 %.0f ms, %.0f pages and %.2f of a run a request%n",
                pressed ? "paging" : "calm",
                load,
                way.name(),
                outcome.goodput(),
                outcome.p50Millis(),
                outcome.p99Millis(),
                outcome.pages(),
                1 / outcome.batch());
        people.flush();
    }

    private static JsonObject row(double load, BatchingRun.Way way, BatchingRun.Outcome outcome) {
        return JsonObject.builder()
                .put("load", load)
                .put("way", way.name())
                .put("delayMillis", way.delay().toMillis())
                .put("goodputPerSecond", Rounded.thousandth(outcome.goodput()))
                .put("p50Millis", Rounded.thousandth(outcome.p50Millis()))
                .put("p99Millis", Rounded.thousandth(outcome.p99Millis()))
                .put("pagesPerRequest", Rounded.thousandth(outcome.pages()))
                .put("requestsPerRun", Rounded.thousandth(outcome.batch()))
                .build();
    }
}
