package s3ml.lab.attest;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.conscrypt.Conscrypt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;

/// `s3ml lab conformance DIR`: our verdicts beside those of Intel's library.
@Command(
        name = "conformance",
        description = {
            "Compare verdicts with those of Intel's library, over a folder with an expected.json.",
            "Exit status: 0 when nothing is laxer and nothing differs unexplained, 1 otherwise."
        },
        mixinStandardHelpOptions = true)
public final class ConformanceCommand implements Callable<Integer> {
    @Parameters(paramLabel = "DIR", description = "a folder with expected.json and what it names")
    private Path folder = Path.of(".");

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public ConformanceCommand() {}

    @Override
    public Integer call() {
        Conformance conformance = new Conformance(Conscrypt.isAvailable() ? Conscrypt.newProvider() : null);
        ExpectedCase.read(folder).forEach(conformance::judge);
        JsonObject report = conformance.report();
        if (json.wanted()) {
            json.print(report);
        } else {
            print(report);
        }
        return conformance.conforms() ? 0 : 1;
    }

    private void print(JsonObject report) {
        java.io.PrintWriter err = spec.commandLine().getErr();
        err.println(report.number("cases") + " cases: " + report.number("equal") + " equal");
        for (String kind : new String[] {"stricter", "laxer", "different"}) {
            err.println(kind + ": " + report.array(kind).items().size());
            for (JsonObject each : report.array(kind).objects()) {
                err.println("  " + each.string("quote") + " with " + each.string("collateral") + " at "
                        + each.number("at"));
                each.optionalString("reason").ifPresent(reason -> err.println("    " + reason));
            }
        }
    }
}
