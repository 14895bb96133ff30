package s3ml.client.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.PlatformDetection;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;

/// `s3ml fetch-secrets`: the first program in an enclave, which gets the service's keys by evidence and writes them to
/// files,
/// so that an application that knows nothing of enclaves can be run behind it.
@Command(
        name = "fetch-secrets",
        description =
                "Inside an enclave: get the service's keys from an attested AECS, write them to files, and start the"
                        + " application.")
final class FetchSecretsCommand extends ReportingCommand {
    @Option(names = "--service", required = true, paramLabel = "SERVICE", description = "name of the service")
    private String service = "";

    @Option(
            names = "--write",
            required = true,
            paramLabel = "NAME=FILE",
            description = "tls.key, tls.crt, ca.crt, secret/NAME, secret/NAME.pub or config/KEY; once for each")
    private Map<String, Path> files = new LinkedHashMap<>();

    @Mixin
    private AecsOptions options = new AecsOptions();

    @Parameters(arity = "0..*", paramLabel = "COMMAND", description = "the application, started when all is written")
    private List<String> application = List.of();

    private FetchSecretsCommand() {}

    @Override
    Report run() {
        EvidenceIssuer issuer = PlatformDetection.detect().issuer();
        try (AecsChannel channel = options.open(options.verifier());
                Lease lease = new KeyReleaseClient(channel, issuer).release(service)) {
            SecretFiles secrets = new SecretFiles(lease);
            files.forEach(secrets::write);
            JsonObject document = JsonObject.builder()
                    .put("service", service)
                    .put("lease", lease.serial())
                    .put("expiresAt", lease.expiresAt().toString())
                    .put("simulated", lease.simulated())
                    .put(
                            "files",
                            JsonArray.ofStrings(
                                    files.values().stream().map(Path::toString).toList()))
                    .build();
            List<String> lines = new ArrayList<>();
            files.forEach((name, file) -> lines.add("wrote       " + name + " to " + file));
            lines.forEach(this::say);
            return new Report(document, List.of(), application.isEmpty() ? ExitStatus.DONE : start(application));
        }
    }

    private static int start(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).inheritIO().start();
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroy));
            return process.waitFor();
        } catch (IOException e) {
            throw new S3mlException(
                    "CLI-158",
                    "cannot start " + command.getFirst(),
                    String.valueOf(e.getMessage()),
                    "give the application's path inside the enclave",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return ExitStatus.FAILED;
        }
    }
}
