package s3ml.client.cli;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.CollateralSource;
import s3ml.attest.PccsClient;
import s3ml.attest.Policy;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.NativeCrypto;

/// Which AECS is trusted, and where the vendor's collateral comes from.
final class TrustingOptions {
    @Option(
            names = "--aecs-policy",
            required = true,
            paramLabel = "FILE",
            description = "policy that says which AECS is trusted")
    private Path policy = Path.of("");

    @ArgGroup(multiplicity = "1", exclusive = true)
    private CollateralChoice collateral = new CollateralChoice();

    AecsVerifier verifier() {
        return new AecsVerifier(
                new Appraiser(NativeCrypto.provider()),
                Policy.parse(OwnerFiles.read(policy)),
                collateral.source(),
                InstantSource.system());
    }

    /// Where collateral comes from.
    static final class CollateralChoice {
        @Option(names = "--pccs", paramLabel = "URL", description = "a PCCS, or Intel's PCS, to fetch collateral from")
        private @Nullable URI pccs;

        @Option(
                names = "--collateral",
                paramLabel = "FILE|DIR",
                description = "collateral kept in a JSON document or a folder")
        private @Nullable Path kept;

        CollateralSource source() {
            if (pccs != null) {
                return PccsClient.at(pccs);
            }
            Path place = Objects.requireNonNull(kept, "picocli demands one of the group");
            Collateral collateral =
                    Files.isDirectory(place) ? Collateral.fromFolder(place) : Collateral.parse(OwnerFiles.read(place));
            return quote -> collateral;
        }
    }
}
