package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
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

/// `s3ml lab serve`: throughput, added latency and memory of an attested model server, beside the model alone.
@Command(
        name = "serve",
        description = {
            "Measure attested model servers (SIMULATED platform, all else real) over TLS beside a C program on the same",
            "TensorFlow Lite: throughput, added latency, memory, a model that does nothing on one core, the start, five",
            "times the load, and what sealed bodies cost. Takes h2load, a C compiler and two cores."
        },
        mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {
    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "a .tflite file with one input, beside the detector and the face model; several times")
    private List<Path> models = List.of();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "alternating runs, of which the median is reported (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "of each run (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "10000",
            description = "after which the memory is read (default: ${DEFAULT-VALUE})")
    private int requests;

    @Option(
            names = "--only",
            paramLabel = "PART",
            split = ",",
            description = "of ${COMPLETION-CANDIDATES} (default: all)")
    private Set<Part> only = EnumSet.allOf(Part.class);

    @Option(names = "--threads", paramLabel = "N", description = "of each model (default: the number of processors)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin
    private JsonOption json = new JsonOption();

    /// Of the report.
    private enum Part {
        MODELS("models beside the C program"),
        NOOP("a model that does nothing"),
        START("the start"),
        OVERLOAD("five times the load"),
        SEALED("sealed bodies");

        private final String what;

        Part(String what) {
            this.what = what;
        }
    }

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    private ServeCommand() {}

    @Override
    public Integer call() throws IOException {
        Path home = Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath();
        try (ServingRig rig = ServingRig.start(home)) {
            Map<String, Path> measured = ServeModels.all(rig.distribution(), home, models);
            Figures figures =
                    new Figures(rig, new Figures.Effort(rounds, Duration.ofSeconds(seconds), threads, requests));
            JsonObject.Builder report = JsonObject.builder();
            for (Part part : EnumSet.copyOf(only)) {
                measure(part, figures, measured, report);
            }
            report.put("raw", figures.rawKind())
                    .put("threads", threads)
                    .put("rounds", rounds)
                    .put("seconds", seconds)
                    .put("simulated", true);
            JsonObject whole = report.build();
            json.printAlways(whole);
            return 0;
        }
    }

    private void measure(Part part, Figures figures, Map<String, Path> measured, JsonObject.Builder report)
            throws IOException {
        say(part.what);
        Path detector = Objects.requireNonNull(measured.get(ServeModels.DETECTOR));
        switch (part) {
            case MODELS -> {
                List<JsonValue> rows = new ArrayList<>();
                for (Map.Entry<String, Path> model : measured.entrySet()) {
                    say("model " + model.getKey());
                    rows.add(figures.model(model.getKey(), model.getValue()));
                }
                report.put("models", new JsonArray(rows));
            }
            case NOOP -> report.put("noop", figures.noop());
            case START -> report.put("startSeconds", figures.startSeconds(detector));
            case OVERLOAD -> {
                Figures.Overload left = figures.overload(detector);
                report.put("overloadGoodputRatio", left.grpc()).put("overloadRestGoodputRatio", left.rest());
            }
            case SEALED -> report.put("sealed", figures.sealed());
        }
    }

    private void say(String what) {
        spec.commandLine().getErr().println("measuring " + what);
        spec.commandLine().getErr().flush();
    }
}
