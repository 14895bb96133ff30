package s3ml.sim.enclave;

import java.nio.file.Path;
import s3ml.attest.PccsClient;
import s3ml.attest.S3mlException;
import s3ml.server.ServerConfig;
import s3ml.server.ServerConfigLoader;
import s3ml.server.ServerProcess;

/// The model server on the simulated platform: the same process as in a TEE, wired to [PlatformConnection].
public final class SimulatedServer {
    private static final int WRONG_USE = 2;
    private static final int FAILED = 1;

    private SimulatedServer() {}

    /// Runs until SIGTERM.
    ///
    /// @param arguments the path of `server.json`, which the host provides
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length != 1) {
            System.err.println("usage: SimulatedServer CONFIG.json");
            System.exit(WRONG_USE);
        }
        try {
            ServerConfig config = ServerConfigLoader.load(Path.of(arguments[0]));
            ServerProcess.run(PlatformConnection.fromStandardInput(), config, PccsClient.at(config.pccs()));
        } catch (S3mlException e) {
            System.err.println(e.getMessage());
            System.exit(FAILED);
        }
    }
}
