package s3ml.aecs;

import java.net.URI;
import s3ml.attest.CollateralSource;
import s3ml.attest.S3mlException;

/// Where an AECS gets collateral from.
final class Collaterals {
    private Collaterals() {}

    /// A source at a PCCS address.
    static CollateralSource from(URI pccs) {
        return quote -> {
            throw new S3mlException("AECS-104", "cannot fetch collateral from " + pccs, "not built yet", "wait");
        };
    }
}
