package s3ml.client.cli;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// A command that reports once: as JSON on stdout, or as lines on stderr.
abstract class ReportingCommand implements Callable<Integer> {
    /// Not by picocli's standard mixin, which would take `--version` from the models.
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    @Option(names = "--json", description = "print one JSON document on stdout and nothing else")
    private boolean json;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// Does the work.
    abstract Report run();

    @Override
    public final Integer call() {
        Report report = run();
        if (json) {
            spec.commandLine().getOut().println(Json.write(report.document()));
        } else {
            report.lines().forEach(spec.commandLine().getErr()::println);
        }
        return report.status();
    }

    final boolean wantsJson() {
        return json;
    }

    /// A line for people while work goes on; silent with `--json`.
    final void say(String line) {
        if (!json) {
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
