package s3ml.aecs;

import java.nio.file.Path;
import java.security.SecureRandom;
import s3ml.aecs.state.BackupFile;
import s3ml.aecs.state.RecordStore;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// Puts a backup into the empty store that a configuration names. Needs no TEE: everything in a backup is sealed, and
/// the AECS verifies it when it starts on the store.
public final class RestoreMain {
    private static final int FAILED = 1;
    private static final int USAGE = 2;
    private static final int ARGUMENTS = 2;

    private RestoreMain() {}

    /// Restores.
    ///
    /// @param arguments the configuration file and the backup
    public static void main(String[] arguments) {
        if (arguments.length != ARGUMENTS) {
            System.err.println("usage: RestoreMain aecs.json BACKUP");
            System.exit(USAGE);
        }
        AecsConfig config = AecsConfigLoader.load(Path.of(arguments[0]));
        try (RecordStore store = AecsProcess.open(config.store(), new SecureRandom())) {
            long entries = BackupFile.restore(Path.of(arguments[1]), store);
            System.out.println(
                    Json.write(JsonObject.builder().put("restored", entries).build()));
        } catch (S3mlException e) {
            System.err.println("s3ml: " + e.getMessage());
            System.exit(FAILED);
        }
    }
}
