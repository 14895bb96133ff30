package s3ml.lab.aecs;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;

/// `s3ml lab log`: what an entry of the transparency log costs, and a proof in a large one.
@Command(
        name = "log",
        description = "Fill a transparency log over SQLite, and measure appending and proofs.",
        mixinStandardHelpOptions = true)
public final class LogCommand implements Callable<Integer> {
    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--entries",
            paramLabel = "N",
            defaultValue = "1000000",
            description = "entries of the log (default: ${DEFAULT-VALUE})")
    private long entries;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private LogCommand() {}

    @Override
    public Integer call() throws Exception {
        LogRun.Figures figures = LogRun.measure(entries);
        if (json.wanted()) {
            JsonObject document = JsonObject.builder()
                    .put("entries", figures.entries())
                    .put("entriesPerCommit", figures.entriesPerCommit())
                    .put("appendMicros", figures.appendMicros())
                    .put("appendAloneMicros", figures.aloneMicros())
                    .put("appendMemoryMicros", figures.memoryMicros())
                    .put("inclusionMs", figures.inclusion().p50())
                    .put("inclusionP99Ms", figures.inclusion().p99())
                    .put("consistencyMs", figures.consistency().p50())
                    .put("consistencyP99Ms", figures.consistency().p99())
                    .build();
            json.print(document);
        } else {
            spec.commandLine()
                    .getOut()
                    .printf(
                            "%d entries%nappend       %.1f us durable (%d to a commit), %.0f us in a commit of its own,"
                                    + " %.2f us in memory%ninclusion    %.3f ms, p99 %.3f ms%nconsistency  %.3f ms,"
                                    + " p99 %.3f ms%n",
                            figures.entries(),
                            figures.appendMicros(),
                            figures.entriesPerCommit(),
                            figures.aloneMicros(),
                            figures.memoryMicros(),
                            figures.inclusion().p50(),
                            figures.inclusion().p99(),
                            figures.consistency().p50(),
                            figures.consistency().p99());
        }
        spec.commandLine().getOut().flush();
        return 0;
    }
}
