package s3ml.server;

import java.nio.file.Path;
import s3ml.attest.PlatformDetection;
import s3ml.attest.S3mlException;

/// The model server in a TEE: the platform that is found, and no other, makes its evidence.
///
/// usage: `ServerMain [--config FILE]`; without it `server.json`. Ends with 0 after SIGTERM, 1 when it failed, 2 for a
/// refused configuration or wrong usage.
public final class ServerMain {
    private static final String USAGE = "usage: s3ml server [--config FILE]   (default: server.json)";

    private ServerMain() {}

    /// Does not return before the process is asked to end.
    public static void main(String[] arguments) throws InterruptedException {
        int status = run(arguments);
        if (status != 0) {
            System.exit(status);
        }
    }

    private static int run(String[] arguments) throws InterruptedException {
        Path file = Path.of("server.json");
        if (arguments.length == 1 && (arguments[0].equals("--help") || arguments[0].equals("-h"))) {
            System.out.println(USAGE);
            return 0;
        }
        if (arguments.length == 2 && arguments[0].equals("--config")) {
            file = Path.of(arguments[1]);
        } else if (arguments.length != 0) {
            System.err.println(USAGE);
            return 2;
        }
        try {
            ServerConfig config = ServerConfigLoader.load(file);
            ServerProcess.run(PlatformDetection.detect(), config);
            return 0;
        } catch (S3mlException failure) {
            System.err.println(failure.getMessage());
            return failure.code().equals("SRV-321") ? 2 : 1;
        }
    }
}
