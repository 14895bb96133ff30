package s3ml.aecs;

import java.net.URI;
import java.nio.file.Path;
import java.time.InstantSource;
import s3ml.attest.CachedCollateral;
import s3ml.attest.CollateralSource;
import s3ml.attest.PccsClient;

/// Where an AECS gets collateral from.
final class Collaterals {
    private Collaterals() {}

    /// A PCCS, with a cache beside the root file that bridges its outages. Neither is trusted: collateral is signed.
    static CollateralSource from(URI pccs, Path rootFile, InstantSource clock) {
        Path folder = rootFile.resolveSibling(rootFile.getFileName() + ".collateral");
        return new CachedCollateral(PccsClient.at(pccs), folder, clock);
    }
}
