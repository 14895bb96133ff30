package s3ml.attest;

import java.nio.file.Path;

/// Finds out in which kind of TEE this process runs. Production mains wire what this returns; no setting can make them
/// take a simulated platform instead.
public final class PlatformDetection {
    private PlatformDetection() {}

    /// The edges to the TEE that this process runs in.
    ///
    /// @throws S3mlException `ATT-401` when there is none
    public static Platform detect() {
        return detect(Path.of("/"));
    }

    static Platform detect(Path root) {
        Path gramine = within(root, GramineIssuer.FOLDER);
        if (GramineIssuer.present(gramine)) {
            GramineIssuer issuer = new GramineIssuer(gramine);
            return new Platform(issuer, issuer);
        }
        Path occlum = within(root, OcclumIssuer.DEVICE);
        if (OcclumIssuer.present(occlum, () -> NativeDevice.open(occlum))) {
            return new Platform(new OcclumIssuer(() -> NativeDevice.open(occlum)), none("occlum"));
        }
        Path tsm = within(root, ConfigfsTsmIssuer.FOLDER);
        if (ConfigfsTsmIssuer.present(tsm)) {
            return new Platform(ConfigfsTsmIssuer.on(tsm), none("configfs-tsm"));
        }
        throw new S3mlException(
                "ATT-401",
                "found no TEE",
                gramine + "/attestation_type does not say dcap, " + occlum + " is not Occlum's, and " + tsm
                        + " does not exist",
                "run in Gramine, in Occlum or in a TDX guest with configfs-tsm; `s3ml sim` plays a platform without a TEE");
    }

    private static Path within(Path root, Path absolute) {
        return root.resolve(absolute.getRoot().relativize(absolute));
    }

    /// Trust domains and Occlum give no key that depends on the measurement alone.
    private static SealingKeys none(String name) {
        return (to, context) -> {
            throw new S3mlException(
                    "ATT-403",
                    "could not derive a sealing key",
                    name + " offers none that depends on the measurement",
                    "start from recovery shares, or from a replica");
        };
    }
}
