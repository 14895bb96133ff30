package s3ml.client.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;

/// A command that reports once: as JSON on stdout, or as lines on stderr.
abstract class ReportingCommand implements Callable<Integer> {
    /// Not by picocli's standard mixin, which would take `--version` from the models.
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Does the work.
    abstract Report run();

    @Override
    public final Integer call() {
        Report report = run();
        if (json.wanted()) {
            json.print(report.document());
        } else {
            report.lines().forEach(spec.commandLine().getErr()::println);
        }
        return report.status();
    }

    final boolean wantsJson() {
        return json.wanted();
    }

    /// A line for people while work goes on; silent with `--json`.
    final void say(String line) {
        if (!json.wanted()) {
            spec.commandLine().getErr().println(line);
        }
    }

    /// What a command found or did.
    ///
    /// @param lines the same for people
    /// @param status exit status
    record Report(JsonObject document, List<String> lines, int status) {
        Report {
            lines = List.copyOf(lines);
        }

        static Report done(JsonObject document, List<String> lines) {
            return new Report(document, lines, ExitStatus.DONE);
        }
    }
}
