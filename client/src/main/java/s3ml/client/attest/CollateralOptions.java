package s3ml.client.attest;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import s3ml.attest.Collateral;
import s3ml.attest.PccsClient;
import s3ml.attest.Quote;

/// Where collateral comes from.
final class CollateralOptions {
    @Option(
            names = "--collateral",
            paramLabel = "DIR-or-JSON",
            description = "a folder with the files as a PCCS serves them, or one JSON file")
    private @Nullable Path path;

    @Option(names = "--pccs", paramLabel = "URL", description = "a PCCS, or https://api.trustedservices.intel.com")
    private @Nullable URI pccs;

    CollateralOptions() {}

    /// Empty when neither option is given.
    Optional<Collateral> collateral(byte[] quote) {
        if (path != null) {
            return Optional.of(
                    Files.isDirectory(path)
                            ? Collateral.fromFolder(path)
                            : Collateral.parse(new String(EvidenceInput.read(path), StandardCharsets.UTF_8)));
        }
        if (pccs != null) {
            return Optional.of(PccsClient.at(pccs).collateralFor(Quote.parse(quote)));
        }
        return Optional.empty();
    }
}
