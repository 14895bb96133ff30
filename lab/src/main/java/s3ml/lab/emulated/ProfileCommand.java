package s3ml.lab.emulated;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.client.options.JsonOption;
import s3ml.lab.options.SeedOption;
import s3ml.lab.paging.ProbeRun;
import s3ml.lab.report.ReportWriter;
import s3ml.lab.serve.Folders;
import s3ml.sim.epc.ModelWalk;

/// `s3ml profile`: at which paging rate a model misses its objective.
@Command(
        name = "profile",
        description = {
            "Find the paging rate at which a model misses its objective: real servers on an emulated host, a designed",
            "experiment over load, somebody else's working set and replicas. Writes profile.json (the model's entry in",
            "fleet.json) and a report with plots. May be interrupted: the same command goes on where it stopped."
        },
        mixinStandardHelpOptions = true)
public final class ProfileCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "MODEL", description = "a .tflite file")
    private Path model = Path.of("");

    @Option(names = "--slo", required = true, paramLabel = "SLO", description = "objective, for example p99<500ms")
    private String slo = "";

    @Option(
            names = "--runs",
            paramLabel = "N",
            defaultValue = "48",
            description = "at least 16 (default: ${DEFAULT-VALUE})")
    private int runs;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "8",
            description = "measured per run, at least 2 (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(
            names = "--epc-pages",
            paramLabel = "N",
            defaultValue = "23936",
            description = "of the emulated host (default: ${DEFAULT-VALUE}, 93.5 MiB)")
    private int epcPages;

    @Option(
            names = "--runtime-pages",
            paramLabel = "N",
            description = "touched beside the model (default: " + ModelWalk.RUNTIME_PAGES + ")")
    private int runtimePages = ModelWalk.RUNTIME_PAGES;

    @Option(names = "--out", paramLabel = "DIR", description = "(default: profile-MODEL)")
    private Path out = Path.of("");

    @Mixin
    private SeedOption seed = new SeedOption();

    @Mixin
    private JsonOption json = new JsonOption();

    private ProfileCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Duration objective;
        try {
            objective = Slo.parse(slo).objective();
        } catch (IllegalArgumentException wrong) {
            throw new ParameterException(spec.commandLine(), String.valueOf(wrong.getMessage()), wrong);
        }
        if (!Files.isRegularFile(model)) {
            throw new ParameterException(spec.commandLine(), "there is no file " + model);
        }
        String name = String.valueOf(model.getFileName())
                .replaceFirst("\\.tflite$", "")
                .toLowerCase(Locale.ROOT);
        Path folder = Files.createDirectories(out.toString().isEmpty() ? Path.of("profile-" + name) : out);
        ModelAnalysis analysis = analyse(name, objective, folder);
        Files.writeString(folder.resolve("profile.json"), Json.writePretty(analysis.profile()), StandardCharsets.UTF_8);
        new ReportWriter(
                        folder,
                        "Made by `" + analysis.subject().command() + "`. An emulated host, no SGX.",
                        List.of(analysis.section()))
                .write();
        PrintWriter answer = spec.commandLine().getOut();
        answer.println(
                json.wanted()
                        ? Json.write(analysis.json())
                        : name + ": " + analysis.verdict() + "\nprofile: " + folder.resolve("profile.json")
                                + "\nreport:  " + folder.resolve("report.html"));
        answer.flush();
        return 0;
    }

    private ModelAnalysis analyse(String name, Duration objective, Path folder)
            throws IOException, InterruptedException {
        int count = Math.max(16, runs);
        Duration time = Duration.ofSeconds(Math.max(2, seconds));
        String command = String.format(
                Locale.ROOT,
                "./s3ml profile %s --slo \"p99<%dms\" --runs %d --seconds %d --epc-pages %d --runtime-pages %d --seed %d",
                model.getFileName(),
                objective.toMillis(),
                count,
                time.toSeconds(),
                epcPages,
                runtimePages,
                seed.value());
        RunFile file = new RunFile(folder.resolve("runs.jsonl"));
        Map<Integer, ProbeRun> done = file.begin(command);
        Path scratch = Files.createTempDirectory("s3ml-profile-");
        try (ProfileRig rig = ProfileRig.start(model, scratch, epcPages, runtimePages, objective)) {
            List<ProfileDesign> designs =
                    ProfileDesign.draw(count, rig.replicas(), epcPages, new SplittableRandom(seed.value()));
            Progress progress = new Progress(spec.commandLine().getErr(), count - done.size());
            List<ProbeRun> all = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                ProbeRun run = done.get(i);
                if (run == null) {
                    run = rig.run(designs.get(i), time, seed.value() * 1000 + i);
                    file.append(i, run);
                    progress.ended(i + 1, count, designs.get(i), run);
                }
                all.add(run);
            }
            return ModelAnalysis.of(
                    new ModelAnalysis.Subject(name, objective.toMillis(), rig.serviceMillis(), rig.pages(), command),
                    all,
                    seed.value());
        } finally {
            Folders.remove(scratch);
        }
    }

    /// Tells how far it is.
    private static final class Progress {
        private final PrintWriter people;
        private final int all;
        private final long began = System.nanoTime();
        private int ended;

        private Progress(PrintWriter people, int all) {
            this.people = people;
            this.all = all;
        }

        private void ended(int number, int count, ProfileDesign design, ProbeRun run) {
            ended++;
            long left = (System.nanoTime() - began) / ended * (all - ended) / 1_000_000_000L;
            people.printf(
                    Locale.ROOT,
                    "run %d of %d, %d min %02d s left: load %.2f, %d pages beside, %d replicas: %.0f pages/s, p99 %.0f ms%s%n",
                    number,
                    count,
                    left / 60,
                    left % 60,
                    design.load(),
                    design.antagonistPages(),
                    design.replicas(),
                    run.paging(),
                    run.p99Millis(),
                    run.violated() ? " (missed)" : "");
            people.flush();
        }
    }
}
