package s3ml.sim.enclave;

import java.nio.file.Path;
import s3ml.aecs.AecsConfigLoader;
import s3ml.aecs.AecsProcess;
import s3ml.attest.S3mlException;

/// The AECS on the simulated platform: the same process as in a TEE, wired to [PlatformConnection].
public final class SimulatedAecs {
    private static final int WRONG_USE = 2;
    private static final int FAILED = 1;

    private SimulatedAecs() {}

    /// Runs until SIGTERM.
    ///
    /// @param arguments the path of `aecs.json`, which the host provides
    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            System.err.println("usage: SimulatedAecs CONFIG.json");
            System.exit(WRONG_USE);
        }
        try {
            AecsProcess.run(PlatformConnection.fromStandardInput(), AecsConfigLoader.load(Path.of(arguments[0])));
        } catch (S3mlException e) {
            System.err.println(e.getMessage());
            System.exit(FAILED);
        }
    }
}
