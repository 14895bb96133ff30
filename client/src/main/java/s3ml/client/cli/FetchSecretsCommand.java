package s3ml.client.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.Platform;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;

/// `s3ml fetch-secrets`: the first program in an enclave, which gets the service's keys by evidence and writes them to
/// files, so that an application that knows nothing of enclaves can be run behind it. While the application runs the
/// lease is renewed and the files follow it; when the lease ends for good, files and application do too.
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

    @Option(
            names = "--on-change",
            paramLabel = "COMMAND",
            description = "run when a renewal changed a file, for example \"nginx -s reload\" (split at spaces)")
    private String onChange = "";

    private final Supplier<Platform> platform;

    FetchSecretsCommand(Supplier<Platform> platform) {
        this.platform = platform;
    }

    @Override
    Report run() {
        EvidenceIssuer issuer = platform.get().issuer();
        try (AecsChannel channel = options.open(options.verifier())) {
            return run(new KeyReleaseClient(channel, issuer));
        }
    }

    private Report run(KeyReleaseClient client) {
        try (Lease lease = client.release(service)) {
            write(lease);
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
            if (application.isEmpty()) {
                return Report.done(document, List.of());
            }
            int status =
                    new RenewedApplication(client, this::refresh).run(application, lease, List.copyOf(files.values()));
            return new Report(document, List.of(), status);
        }
    }

    /// Writes what changed; true if anything did.
    private boolean write(Lease lease) {
        SecretFiles secrets = new SecretFiles(lease);
        boolean changed = false;
        for (Map.Entry<String, Path> file : files.entrySet()) {
            changed |= secrets.write(file.getKey(), file.getValue());
        }
        return changed;
    }

    private void refresh(Lease lease) {
        if (write(lease) && !onChange.isBlank()) {
            say("renewed     files changed, running " + onChange);
            RenewedApplication.launch(List.of(onChange.trim().split(" +", -1)));
        }
    }
}
