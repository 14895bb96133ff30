package s3ml.lab.emulated;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
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
import s3ml.lab.report.ReportWriter;

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

    @Option(names = "--out", paramLabel = "DIR", description = "(default: profile-MODEL)")
    private Path out = Path.of("");

    @Mixin
    private ProfileOptions options = new ProfileOptions();

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
        ModelAnalysis analysis = new OfflineAnalysis(name, model, objective, options.effort())
                .run(folder, spec.commandLine().getErr());
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
}
