package s3ml.sim.enclave;

import java.nio.file.Path;
import s3ml.attest.PccsClient;
import s3ml.attest.S3mlException;
import s3ml.server.ServerConfig;
import s3ml.server.ServerConfigLoader;
import s3ml.server.ServerProcess;
import s3ml.server.engine.ModelUse;
import s3ml.sim.epc.PagedModels;

/// The model server on the simulated platform: the same process as in a TEE, wired to [PlatformConnection], and on
/// request to an emulated EPC, so that its models page as in a small one.
public final class SimulatedServer {
    private static final int WRONG_USE = 2;
    private static final int FAILED = 1;

    private SimulatedServer() {}

    /// Runs until SIGTERM.
    ///
    /// @param arguments the path of `server.json`, which the host provides; then perhaps that of a file of
    /// [PagedModels]
    public static void main(String[] arguments) throws InterruptedException {
        if (arguments.length < 1 || arguments.length > 2) {
            System.err.println("usage: SimulatedServer CONFIG.json [PAGED-MODELS.json]");
            System.exit(WRONG_USE);
        }
        try {
            ServerConfig config = ServerConfigLoader.load(Path.of(arguments[0]));
            ModelUse use = arguments.length == 1 ? ModelUse.UNWATCHED : PagedModels.open(Path.of(arguments[1]));
            ServerProcess.run(PlatformConnection.fromStandardInput(), config, PccsClient.at(config.pccs()), use);
        } catch (S3mlException e) {
            System.err.println(e.getMessage());
            System.exit(FAILED);
        }
    }
}
