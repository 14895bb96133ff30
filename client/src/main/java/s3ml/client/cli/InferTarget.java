package s3ml.client.cli;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.ModelExpectation;
import s3ml.client.ServiceDirectory;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ServiceTrust;

/// Which service, model and replicas; what is expected of them.
final class InferTarget {
    enum Protocol {
        GRPC,
        REST
    }

    @Mixin
    private TrustingOptions trusting = new TrustingOptions();

    @ArgGroup(multiplicity = "1", exclusive = true)
    private Source source = new Source();

    @Option(
            names = "--endpoint",
            required = true,
            split = ",",
            paramLabel = "HOST:PORT",
            description = "replicas, or a balancer before them")
    private List<String> endpoints = List.of();

    @Option(
            names = "--protocol",
            defaultValue = "grpc",
            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})")
    private Protocol protocol = Protocol.GRPC;

    @Option(names = "--model", required = true, description = "model name")
    private String model = "";

    @Option(names = "--version", description = "model version; default: the server's choice")
    private String version = "";

    @Option(
            names = "--expect-model",
            paramLabel = "SHA256",
            description = "send nothing unless the model file has this SHA-256")
    private @Nullable String modelDigest;

    @Option(
            names = "--expect-policy",
            paramLabel = "SHA256",
            description = "send nothing unless the service's policy has this SHA-256")
    private @Nullable String policyDigest;

    @Option(names = "--accept-simulated", description = "also use a service that protects nothing, for trying out")
    private boolean acceptSimulated;

    @Option(
            names = "--timeout",
            defaultValue = "30",
            paramLabel = "SECONDS",
            description = "for one request with its repetitions (default: ${DEFAULT-VALUE})")
    private int timeoutSeconds;

    ServiceTrust trust() {
        return source.trust(trusting.verifier());
    }

    String model() {
        return model;
    }

    String protocol() {
        return protocol.name().toLowerCase(Locale.ROOT);
    }

    InferenceClient open(ServiceTrust trust) {
        List<Endpoint> peers = endpoints.stream().map(Endpoint::parse).toList();
        InferenceOptions options = InferenceOptions.defaults().withTimeout(Duration.ofSeconds(timeoutSeconds));
        return switch (protocol) {
            case GRPC -> InferenceClient.grpc(trust, expectation(), peers, options);
            case REST -> InferenceClient.rest(trust, expectation(), peers, options);
        };
    }

    private ModelExpectation expectation() {
        ModelExpectation expectation = ModelExpectation.of(model).version(version);
        if (modelDigest != null) {
            expectation = expectation.modelDigest(digest(modelDigest));
        }
        if (policyDigest != null) {
            expectation = expectation.policyDigest(digest(policyDigest));
        }
        return acceptSimulated ? expectation.acceptSimulated() : expectation;
    }

    private static Digest digest(String hex) {
        try {
            return Digest.parse(hex);
        } catch (IllegalArgumentException e) {
            throw new S3mlException(
                    "CLI-146", "cannot use the digest \"" + hex + "\"", "it is no SHA-256", "give 64 hex digits", e);
        }
    }

    /// From where the service is known.
    static final class Source {
        @ArgGroup(exclusive = false)
        private @Nullable Online online;

        @Option(
                names = "--trust",
                required = true,
                paramLabel = "FILE",
                description = "SERVICE.json of `s3ml trust`; verified again, without asking the AECS")
        private @Nullable Path kept;

        ServiceTrust trust(AecsVerifier verifier) {
            if (online != null) {
                return online.trust(verifier);
            }
            return TrustFile.read(Objects.requireNonNull(kept, "picocli demands one of the group"), verifier);
        }
    }

    /// By asking the AECS now.
    static final class Online {
        @Option(names = "--service", required = true, description = "name of the service")
        private String service = "";

        @Option(
                names = "--aecs",
                required = true,
                split = ",",
                paramLabel = "HOST:PORT",
                description = AecsOptions.ADDRESSES)
        private List<String> addresses = List.of();

        ServiceTrust trust(AecsVerifier verifier) {
            try (AecsChannel channel = AecsOptions.open(addresses, verifier)) {
                return new ServiceDirectory(channel, verifier).describe(service);
            }
        }
    }
}
