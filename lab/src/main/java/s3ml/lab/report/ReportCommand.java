package s3ml.lab.report;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.lab.emulated.InterferenceCommand;
import s3ml.lab.emulated.InterferenceSection;
import s3ml.lab.emulated.ProfilesSection;
import s3ml.lab.emulated.RealPolicy;
import s3ml.lab.options.SeedOption;
import s3ml.lab.paging.PagingSections;

/// `s3ml lab report`: all experiments on paging in one report.
@Command(
        name = "report",
        description = {
            "Run all experiments on EPC paging and write one report (report.html, report.md, report.json, figures as SVG and",
            "PNG), each figure with the command and the seed that made it, each claim with whether it holds."
        },
        mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--short", description = "fewer and shorter runs: at most five minutes, for CI")
    private boolean brief;

    @Option(names = "--json", description = "print one JSON document and nothing else: the claims")
    private boolean json;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            defaultValue = "paging-report",
            description = "where the report goes (default: ${DEFAULT-VALUE})")
    private Path folder = Path.of("paging-report");

    @Mixin
    private SeedOption seed = new SeedOption();

    private ReportCommand() {}

    private interface Step {
        Section run() throws IOException, InterruptedException;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        long began = System.nanoTime();
        PrintWriter people = spec.commandLine().getErr();
        List<Section> sections = new ArrayList<>();
        List<Step> steps = steps();
        for (Step step : steps) {
            Section section = step.run();
            sections.add(section);
            people.printf(
                    Locale.ROOT,
                    "%d of %d after %.0f s: %s%n",
                    sections.size(),
                    steps.size(),
                    (System.nanoTime() - began) / 1e9,
                    section.title());
            people.flush();
        }
        ReportWriter writer = new ReportWriter(folder, head(began), sections);
        writer.write();
        tell(writer.claims());
        return 0;
    }

    private List<Step> steps() {
        int seconds = brief ? 4 : 20;
        List<RealPolicy> policies =
                brief ? List.of(RealPolicy.PAGING, RealPolicy.ROUND_ROBIN) : List.of(RealPolicy.values());
        List<Step> steps = new ArrayList<>(List.of(
                () -> PagingSections.paging(brief ? 1 : 5, brief),
                () -> PagingSections.predictor(brief ? 40 : 240, seed.value()),
                () -> PagingSections.balance(brief ? 8 : 20, brief ? 40 : 120, seed.value()),
                () -> PagingSections.scale(brief ? 8 : 20, brief ? 120 : 300, seed.value()),
                () -> InterferenceSection.of(InterferenceCommand.run(seconds, seed.value(), policies, !brief), seconds),
                () -> PagingSections.tick(brief ? 60 : 200, seed.value())));
        if (!brief) {
            // Two minutes a model.
            steps.add(() -> ProfilesSection.run(
                    24,
                    4,
                    seed.value(),
                    folder.resolve("profiles"),
                    spec.commandLine().getErr()));
        }
        return steps;
    }

    private String head(long began) {
        return String.format(
                Locale.ROOT,
                "Made by `./s3ml lab report%s --seed %d` in %.0f s on %d processors (%s %s, Java %s). Emulated and simulated hosts,"
                        + " no SGX: times of the emulated EPC are real work on this machine, those of the simulator are a model of it.",
                brief ? " --short" : "",
                seed.value(),
                (System.nanoTime() - began) / 1e9,
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name"),
                System.getProperty("os.arch"),
                Runtime.version().feature());
    }

    private void tell(List<Section.Claim> claims) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            List<JsonValue> values = new ArrayList<>();
            claims.forEach(claim -> values.add(JsonObject.builder()
                    .put("claim", claim.claim())
                    .put("holds", claim.holds())
                    .put("figure", claim.figure())
                    .build()));
            out.println(Json.write(JsonObject.builder()
                    .put(
                            "report",
                            folder.resolve("report.html").toAbsolutePath().toString())
                    .put("claims", new JsonArray(values))
                    .build()));
        } else {
            claims.forEach(claim ->
                    out.printf("%s: %s (%s)%n", claim.holds() ? "holds" : "FAILS", claim.claim(), claim.figure()));
            out.println("report: " + folder.resolve("report.html").toAbsolutePath());
        }
        out.flush();
    }
}
