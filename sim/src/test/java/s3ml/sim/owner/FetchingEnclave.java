package s3ml.sim.owner;

import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Arrays;
import s3ml.client.cli.S3mlClient;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.NamedEnclave;
import s3ml.sim.platform.SimulatedPlatform;

/// The owners' command line as a process that plays one of a deployment's enclaves.
final class FetchingEnclave {
    private FetchingEnclave() {}

    /// Runs one command.
    ///
    /// @param arguments the platform's folder, which enclave, and the command
    public static void main(String[] arguments) {
        SimulatedPlatform platform = SimulatedPlatform.open(Path.of(arguments[0]), InstantSource.system());
        NamedEnclave enclave =
                new NamedEnclave(platform, Deployment.enclave(Integer.parseInt(arguments[1])), EvidenceKind.SGX_V3);
        int status = S3mlClient.commandLine(enclave::asPlatform)
                .setOut(new PrintWriter(System.out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(System.err, true, StandardCharsets.UTF_8))
                .execute(Arrays.copyOfRange(arguments, 2, arguments.length));
        System.exit(status);
    }
}
