package s3ml.lab.aecs;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import s3ml.aecs.AecsConfigLoader;
import s3ml.aecs.AecsProcess;
import s3ml.attest.S3mlException;
import s3ml.sim.platform.NamedEnclave;
import s3ml.sim.platform.SimulatedPlatform;

/// The main of an AECS that the lab measures or breaks: the process of production, wired to a named enclave and, where
/// asked, to a clock that is wrong.
public final class LabAecs {
    /// The name of the enclave, which policies stand for.
    public static final String NAME = "aecs";

    private static final int FAILED = 1;

    private LabAecs() {}

    /// Serves until it is killed.
    ///
    /// @param arguments the platform's folder, the configuration file, by how many seconds the clock is ahead
    /// (negative: behind)
    public static void main(String[] arguments) {
        SimulatedPlatform platform = SimulatedPlatform.open(Path.of(arguments[0]), InstantSource.system());
        InstantSource clock =
                () -> InstantSource.system().instant().plus(Duration.ofSeconds(Long.parseLong(arguments[2])));
        try {
            AecsProcess.run(
                    NamedEnclave.of(platform, NAME).asPlatform(), AecsConfigLoader.load(Path.of(arguments[1])), clock);
        } catch (S3mlException e) {
            System.err.println(e.getMessage());
            System.exit(FAILED);
        }
    }
}
