package s3ml.client.attest;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import s3ml.attest.Collateral;
import s3ml.attest.EvidenceBundle;
import s3ml.attest.Policy;
import s3ml.attest.RaTlsEvidence;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;
import s3ml.client.verify.DossierFile;
import s3ml.client.verify.ServerDossier;
import s3ml.client.verify.ServerProbe;
import s3ml.client.verify.ServerStatement;

/// `s3ml bundle`: puts evidence, collateral, policy and time into one file that `s3ml verify` judges without a network.
///
/// Code: `CLI-162` a bundle that cannot be made or written.
@Command(
        name = "bundle",
        description = {
            "Put evidence, collateral, policy and time into one file that verifies without a network;",
            "of a model server: everything that `s3ml verify` asks about it."
        })
public final class BundleCommand implements Callable<Integer> {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "show this help")
    @SuppressWarnings("UnusedVariable")
    private boolean help;

    @Parameters(index = "0", paramLabel = "QUOTE|CERT|https://HOST:PORT", description = "the evidence")
    private String input = "";

    @Parameters(index = "1", paramLabel = "FILE", description = "where the bundle goes")
    private Path output = Path.of("");

    @Mixin
    private CollateralOptions collateralOptions = new CollateralOptions();

    @Mixin
    private ServerOptions serverOptions = new ServerOptions();

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            description = "the policy to put beside the evidence; of a server: the one that its service must have")
    private @Nullable Path policyFile;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public BundleCommand() {}

    @Override
    public Integer call() {
        if (input.startsWith("https://")) {
            ServerStatement server = ServerProbe.ask(URI.create(input));
            if (RaTlsEvidence.of(server.chain().getFirst()).isEmpty()) {
                InstantSource clock = InstantSource.system();
                ServerDossier dossier =
                        serverOptions.gather(server, collateralOptions, serverOptions.memory(), policyFile, clock);
                return written(DossierFile.write(dossier), dossier.at());
            }
        }
        byte[] quote = EvidenceInput.of(input).quote().bytes();
        Collateral collateral = collateralOptions
                .collateral(quote)
                .orElseThrow(() -> new S3mlException(
                        "CLI-162",
                        "could not make the bundle",
                        "there is no collateral",
                        "name some by --collateral or --pccs"));
        Policy policy = policyFile == null
                ? null
                : Policy.parse(new String(EvidenceInput.read(policyFile), StandardCharsets.UTF_8));
        EvidenceBundle bundle = new EvidenceBundle(
                quote, collateral, policy, InstantSource.system().instant());
        return written(bundle.toJson(), bundle.at());
    }

    private int written(String text, Instant at) {
        try {
            Files.writeString(output, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new S3mlException(
                    "CLI-162", "could not write the bundle", output + ": " + e, "name a file that can be written", e);
        }
        if (json.wanted()) {
            JsonObject document = JsonObject.builder()
                    .put("bundle", output.toString())
                    .put("at", at.toString())
                    .build();
            json.print(document);
        } else {
            spec.commandLine().getErr().println("bundle  " + output + " as of " + at);
        }
        return 0;
    }
}
