package s3ml.client.attest;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import s3ml.attest.Digest;
import s3ml.attest.Policy;
import s3ml.client.log.HeadMemory;
import s3ml.client.verify.Expectations;
import s3ml.client.verify.ReferenceValues;
import s3ml.client.verify.ServerDossier;
import s3ml.client.verify.ServerGathering;
import s3ml.client.verify.ServerStatement;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ModelPackageReader;
import s3ml.protocol.Signatures;

/// What a server is held against, and who is asked about it.
final class ServerOptions {
    private static final String PACKAGE_ENDING = ".s3mlpkg";

    @Option(
            names = "--aecs-policy",
            paramLabel = "FILE",
            description = "of a server: the policy that says which AECS is trusted; without one nothing is")
    private @Nullable Path aecsPolicy;

    @Option(
            names = "--aecs",
            split = ",",
            paramLabel = "HOST:PORT",
            description = "of a server: replicas of its AECS (default: those that the server names)")
    private List<String> aecs = List.of();

    @Option(names = "--service", paramLabel = "NAME", description = "of a server: the service it must belong to")
    private @Nullable String service;

    @Option(
            names = "--model",
            paramLabel = "FILE",
            description = "of a server: a model, or a package of one (" + PACKAGE_ENDING + "), that it must serve")
    private @Nullable Path model;

    @Option(
            names = "--reference-values",
            paramLabel = "FILE",
            description = "of a server: the published measurements, one of which each enclave must have")
    private @Nullable Path referenceValues;

    @Option(
            names = "--heads",
            defaultValue = "s3ml-heads.json",
            paramLabel = "FILE",
            description = "of a server: remembers the newest head of each log (default: ${DEFAULT-VALUE})")
    private Path heads = Path.of("");

    @CommandLine.ArgGroup(exclusive = false)
    private @Nullable WitnessChoice witness;

    ServerOptions() {}

    /// A witness and its key, which is what makes it one.
    static final class WitnessChoice {
        @Option(
                names = "--witness",
                required = true,
                paramLabel = "HOST:PORT",
                description = "of a server: a witness that must have seen the same log")
        private String address = "";

        @Option(
                names = "--witness-key",
                required = true,
                paramLabel = "BASE64|FILE",
                description = "of a server: the witness's public key, as it prints it")
        private String key = "";

        ServerGathering.Witness chosen() {
            Path file = Path.of(key);
            String text = java.nio.file.Files.exists(file)
                    ? new String(EvidenceInput.read(file), StandardCharsets.UTF_8).strip()
                    : key;
            PublicKey known = Signatures.publicKey(Base64.getMimeDecoder().decode(text));
            return new ServerGathering.Witness(Endpoint.parse(address), ByteString.copyFrom(known.getEncoded()));
        }
    }

    /// @param servicePolicy the file of `--policy`
    Expectations expectations(@Nullable Path servicePolicy) {
        return new Expectations(
                Optional.ofNullable(aecsPolicy).map(ServerOptions::policy),
                Optional.ofNullable(service),
                Optional.ofNullable(servicePolicy).map(ServerOptions::policy),
                Optional.ofNullable(model).map(ServerOptions::model),
                Optional.ofNullable(referenceValues)
                        .map(file ->
                                ReferenceValues.parse(new String(EvidenceInput.read(file), StandardCharsets.UTF_8))));
    }

    private static Policy policy(Path file) {
        return Policy.parse(new String(EvidenceInput.read(file), StandardCharsets.UTF_8));
    }

    private static Expectations.ExpectedModel model(Path file) {
        String name = String.valueOf(file.getFileName());
        boolean packaged = name.endsWith(PACKAGE_ENDING);
        Digest digest = packaged ? ModelPackageReader.inspect(file).manifestDigest() : EvidenceInput.digest(file);
        return new Expectations.ExpectedModel(name, digest, packaged);
    }

    HeadMemory memory() {
        return HeadMemory.open(heads);
    }

    /// Asks everybody about a server.
    ServerDossier gather(
            ServerStatement server,
            CollateralOptions collateral,
            HeadMemory memory,
            @Nullable Path servicePolicy,
            InstantSource clock) {
        Expectations expectations = expectations(servicePolicy);
        return new ServerGathering(collateral::collateral, memory, clock)
                .about(
                        server,
                        aecs.stream().map(Endpoint::parse).toList(),
                        Optional.ofNullable(witness).map(WitnessChoice::chosen),
                        expectations);
    }
}
