package s3ml.lab.emulated;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;
import s3ml.lab.report.ReportWriter;

/// `s3ml lab profiles`: which signal tells, on real servers, that a model misses its objective.
@Command(
        name = "profiles",
        description = {
            "Profile real models one after the other, as `s3ml profile` does: the table of `lab predictor`, from real",
            "servers on an emulated host. Fetches the models by npm. May be interrupted: the same command goes on where it",
            "stopped. Wants a machine that does nothing else: about seven minutes a model with the defaults."
        },
        mixinStandardHelpOptions = true)
public final class ProfilesCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--models",
            paramLabel = "LIST",
            defaultValue = "all",
            description = "some of face,hand,pose,mobilenet,detector,objectron (default: ${DEFAULT-VALUE})")
    private String models = "all";

    @Option(
            names = "--out",
            paramLabel = "DIR",
            defaultValue = "profiles",
            description = "runs, profiles and report (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("profiles");

    @Mixin
    private ProfileOptions options = new ProfileOptions();

    @Mixin
    private JsonOption json = new JsonOption();

    private ProfilesCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<VisionModel> wanted;
        try {
            wanted = VisionModel.of(models);
        } catch (IllegalArgumentException unknown) {
            throw new ParameterException(
                    spec.commandLine(), "--models are of face, hand, pose, mobilenet, detector, objectron", unknown);
        }
        OfflineAnalysis.Effort effort = options.effort();
        List<ModelAnalysis> analyses =
                run(wanted, effort, out, spec.commandLine().getErr());
        new ReportWriter(
                        out,
                        "Made by `" + command(effort) + "`. An emulated host, no SGX.",
                        List.of(ProfilesSection.of(analyses, command(effort))))
                .write();
        if (json.wanted()) {
            List<JsonValue> rows = new ArrayList<>();
            analyses.forEach(analysis -> rows.add(analysis.json()));
            json.print(JsonObject.builder()
                    .put("models", new JsonArray(rows))
                    .put("seed", effort.seed())
                    .build());
        } else {
            PrintWriter answer = spec.commandLine().getOut();
            analyses.forEach(analysis -> answer.print(analysis.table()));
            answer.println("report: " + out.resolve("report.html"));
            answer.flush();
        }
        return 0;
    }

    private String command(OfflineAnalysis.Effort effort) {
        return String.format(
                Locale.ROOT,
                "./s3ml lab profiles --models %s --runs %d --seconds %d --seed %d",
                models,
                effort.runs(),
                effort.seconds(),
                effort.seed());
    }

    /// One model after the other.
    ///
    /// @param folder gets a folder for each model
    static List<ModelAnalysis> run(
            List<VisionModel> models, OfflineAnalysis.Effort effort, Path folder, PrintWriter people)
            throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("s3ml.home", "."));
        List<ModelAnalysis> analyses = new ArrayList<>();
        for (VisionModel model : models) {
            Path own = Files.createDirectories(folder.resolve(model.toString()));
            analyses.add(new OfflineAnalysis(model.toString(), model.file(home, own), model.objective(), effort)
                    .run(own, people));
        }
        return analyses;
    }
}
