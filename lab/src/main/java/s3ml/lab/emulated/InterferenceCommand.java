package s3ml.lab.emulated;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.client.options.JsonOption;
import s3ml.lab.options.SeedOption;
import s3ml.lab.serve.Folders;

/// `s3ml lab interference`: real servers on emulated hosts, beside somebody else's enclaves.
@Command(
        name = "interference",
        description = {
            "Run real model servers, agents and a control plane on three emulated hosts of this machine: without paging,",
            "beside a neighbour on one host, and in a storm of starting enclaves. Compare balancing by paging with round",
            "robin, least outstanding and p99 feedback, and the simulator's forecast with what came out."
        },
        mixinStandardHelpOptions = true)
public final class InterferenceCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Mixin
    private SeedOption seed = new SeedOption();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "measured per policy and scene, at least 4 (default: ${DEFAULT-VALUE})")
    private int seconds;

    private InterferenceCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        InterferenceReport report = run(Math.max(4, seconds), seed.value(), List.of(RealPolicy.values()), true);
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted()) {
            json.print(report.json());
        } else {
            report.print(out);
        }
        out.flush();
        return 0;
    }

    /// Runs the scenes under some policies, on a fleet of its own.
    ///
    /// @param storms whether starting enclaves are among the scenes
    public static InterferenceReport run(int seconds, long seed, List<RealPolicy> policies, boolean storms)
            throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory("s3ml-lab-interference-");
        EmulatedFleet.Shape shape = new EmulatedFleet.Shape(
                3,
                10_000,
                List.of(new BuiltModel("left", 1024, 3), new BuiltModel("right", 1024, 3)),
                900,
                Duration.ofMillis(80));
        try (EmulatedFleet fleet = EmulatedFleet.start(shape, folder)) {
            FleetRun run =
                    FleetRun.prepare(fleet, new FleetRun.Load(20, Duration.ofSeconds(seconds), 4_000, 100, seed));
            List<InterferenceReport.Row> rows = new ArrayList<>();
            for (FleetRun.Scene scene : FleetRun.Scene.values()) {
                if (scene == FleetRun.Scene.STARTUP_STORM && !storms) {
                    continue;
                }
                List<FleetRun.Outcome> outcomes = new ArrayList<>();
                for (RealPolicy policy : policies) {
                    outcomes.add(run.run(scene, policy));
                }
                rows.add(new InterferenceReport.Row(scene, outcomes));
            }
            return InterferenceReport.of(run, rows, seconds, seed);
        } finally {
            Folders.remove(folder);
        }
    }

    static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
