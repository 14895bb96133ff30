package s3ml.client.cli;

import java.security.SecureRandom;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;

/// Which AECS to talk to, and which one to trust.
final class AecsOptions {
    static final String ADDRESSES = "replicas of the AECS; the first that answers is used";

    @Option(names = "--aecs", required = true, split = ",", paramLabel = "HOST:PORT", description = ADDRESSES)
    private List<String> addresses = List.of();

    @Mixin
    private TrustingOptions trusting = new TrustingOptions();

    AecsVerifier verifier() {
        return trusting.verifier();
    }

    AecsChannel open(AecsVerifier verifier) {
        return open(addresses, verifier);
    }

    AecsChannel openForRecovery() {
        return AecsChannel.forRecovery(
                addresses.stream().map(Endpoint::parse).toList(), verifier(), new SecureRandom());
    }

    static AecsChannel open(List<String> addresses, AecsVerifier verifier) {
        return new AecsChannel(addresses.stream().map(Endpoint::parse).toList(), verifier, new SecureRandom());
    }
}
