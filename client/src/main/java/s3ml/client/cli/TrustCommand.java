package s3ml.client.cli;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.PemText;
import s3ml.client.ServiceDirectory;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;

/// `s3ml trust`: attests the AECS once and keeps what any TLS client then needs.
@Command(
        name = "trust",
        description = {
            "Attest an AECS and keep what a client needs of a service.",
            "Writes SERVICE-ca.pem (for any TLS client) and SERVICE.json (digests, policy, and the proof of all that)."
        })
final class TrustCommand extends ReportingCommand {
    @Mixin
    private AecsOptions options = new AecsOptions();

    @Option(names = "--service", required = true, description = "name of the service")
    private String service = "";

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "folder for the two files")
    private Path folder = Path.of("");

    private TrustCommand() {}

    @Override
    Report run() {
        AecsVerifier verifier = options.verifier();
        try (AecsChannel channel = options.open(verifier)) {
            ServiceDirectory.Evidence evidence = new ServiceDirectory(channel, verifier).evidence(service);
            OwnerFiles.createFolder(folder);
            Path authority = folder.resolve(service + "-ca.pem");
            Path description = folder.resolve(service + ".json");
            JsonObject document = TrustFile.document(evidence, Instant.now());
            StringBuilder authorities =
                    new StringBuilder(PemText.of(evidence.trust().caCertificate()));
            evidence.trust().previousCaCertificate().ifPresent(old -> authorities.append(PemText.of(old)));
            OwnerFiles.write(authority, authorities.toString());
            OwnerFiles.write(description, Json.writePretty(document) + "\n");
            List<String> lines = new ArrayList<>(TrustFile.lines(evidence.trust()));
            lines.add("wrote       " + authority);
            lines.add("wrote       " + description);
            return Report.done(document, lines);
        }
    }
}
