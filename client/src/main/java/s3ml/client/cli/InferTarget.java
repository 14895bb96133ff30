package s3ml.client.cli;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.net.ssl.SSLContext;
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
        REST,
        /// REST with sealed bodies, through proxies that end TLS.
        SEALED
    }

    @Mixin
    private TrustingOptions trusting = new TrustingOptions();

    @ArgGroup(multiplicity = "1", exclusive = true)
    private Source source = new Source();

    @Option(
            names = "--endpoint",
            required = true,
            split = ",",
            paramLabel = "HOST:PORT|URL",
            description = "replicas, or a balancer before them; for SEALED the URLs of proxies")
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

    @Mixin
    private CredentialOptions credentials = new CredentialOptions();

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
        InferenceOptions options = InferenceOptions.defaults()
                .withTimeout(Duration.ofSeconds(timeoutSeconds))
                .withCredentials(credentials.credentials());
        return switch (protocol) {
            case GRPC -> InferenceClient.grpc(trust, expectation(), peers(), options);
            case REST -> InferenceClient.rest(trust, expectation(), peers(), options);
            case SEALED -> InferenceClient.sealed(trust, expectation(), proxies(), systemTls(), options);
        };
    }

    private List<Endpoint> peers() {
        return endpoints.stream().map(Endpoint::parse).toList();
    }

    private List<URI> proxies() {
        return endpoints.stream().map(InferTarget::proxy).toList();
    }

    private static URI proxy(String text) {
        try {
            URI proxy = new URI(text);
            if (proxy.getHost() != null && List.of("http", "https").contains(proxy.getScheme())) {
                return proxy;
            }
        } catch (URISyntaxException ignored) {
            // Falls through to the refusal, which names the whole text.
        }
        throw new S3mlException(
                "CLI-147",
                "cannot use the address \"" + text + "\"",
                "it is no http or https URL",
                "write it as https://host/");
    }

    private static SSLContext systemTls() {
        try {
            return SSLContext.getDefault();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has a default TLS context", e);
        }
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
