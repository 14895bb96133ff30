package s3ml.sim.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.sim.quickstart.Quickstart;

/// `s3ml quickstart`.
@Command(
        name = "quickstart",
        description =
                "Everything on one machine without a TEE: a SIMULATED platform, an AECS, an encrypted model, two servers, a client.",
        mixinStandardHelpOptions = true)
final class QuickstartCommand implements Callable<Integer> {
    @Option(names = "--once", description = "end after the last step instead of staying for you to try")
    private boolean once;

    @Option(names = "--json", description = "print one JSON document on standard output")
    private boolean json;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "keep everything in this folder (default: a new temporary one)")
    private Path folder = Path.of("");

    @Option(
            names = "--epc",
            paramLabel = "DIR",
            description = "let the servers page in the emulated EPC of `s3ml sim epc --dir DIR`")
    private @Nullable Path epc;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private QuickstartCommand() {}

    @Override
    public Integer call() throws InterruptedException {
        PrintWriter people = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        Quickstart quickstart = Quickstart.start(Home.folder(), folder(), people);
        // Ctrl-C, SIGTERM and failures alike: no process is left behind.
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("quickstart-end").unstarted(quickstart::close));
        String report = quickstart.run(!once, Optional.ofNullable(epc));
        if (json) {
            spec.commandLine().getOut().println(report);
            spec.commandLine().getOut().flush();
        }
        if (!once) {
            people.println("Running until Ctrl-C.");
            Thread.currentThread().join();
        }
        return 0;
    }

    private Path folder() {
        try {
            return folder.toString().isEmpty()
                    ? Files.createTempDirectory("s3ml-quickstart-")
                    : Files.createDirectories(folder).toAbsolutePath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
