package s3ml.aecs;

import java.nio.file.Path;
import java.time.InstantSource;
import s3ml.attest.PlatformDetection;
import s3ml.attest.S3mlException;

/// Runs an AECS in the TEE that this process finds itself in. There is no way to make it take a simulated platform.
public final class AecsMain {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    private AecsMain() {}

    /// Runs until the process is asked to end.
    ///
    /// @param arguments the configuration file
    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            System.err.println("usage: AecsMain aecs.json");
            System.exit(USAGE);
        }
        try {
            AecsConfig config = AecsConfigLoader.load(Path.of(arguments[0]));
            AecsProcess.run(PlatformDetection.detect(), config);
        } catch (S3mlException e) {
            new AuditLog(System.err, InstantSource.system(), false)
                    .event("error", "not-started")
                    .with("code", e.code())
                    .with("reason", String.valueOf(e.getMessage()))
                    .write();
            System.exit(e.code().equals("AECS-101") ? USAGE : FAILED);
        }
    }
}
