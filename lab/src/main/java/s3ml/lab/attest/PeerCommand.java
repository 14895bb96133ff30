package s3ml.lab.attest;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.client.options.JsonOption;
import s3ml.lab.serve.Folders;

/// `s3ml lab peer`: the crate dcap-qvl and we judge the simulated platform's quotes of every kind, and mutants of them,
/// under the simulated root.
@Command(
        name = "peer",
        description =
                "Compare verdicts with the crate dcap-qvl over simulated quotes of every kind and mutants of them.",
        mixinStandardHelpOptions = true)
public final class PeerCommand implements Callable<Integer> {
    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "of the mutants (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--mutants",
            paramLabel = "N",
            defaultValue = "200",
            description = "of each kind of quote, and of its collateral (default: ${DEFAULT-VALUE})")
    private int mutants;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public PeerCommand() {}

    @Override
    public Integer call() {
        Peer peer = Peer.install();
        try {
            Path folder = Files.createTempDirectory("s3ml-lab-peer");
            try {
                PeerComparison.Result result = new PeerComparison(seed, mutants).run(peer, folder);
                if (json.wanted()) {
                    json.print(result.report());
                } else {
                    spec.commandLine().getErr().println(Json.writePretty(result.report()));
                }
                return result.accepted() && result.unexplained().isEmpty() ? 0 : 1;
            } finally {
                Folders.remove(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
