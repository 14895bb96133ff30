package s3ml.client.cli;

import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// What every admin command needs: an AECS that is trusted, and the admin's key.
final class AdminOptions {
    @Mixin
    private AecsOptions aecs = new AecsOptions();

    @Option(names = "--key", required = true, paramLabel = "FILE", description = "the admin's key, of `s3ml key new`")
    private Path key = Path.of("");

    AdminSession open() {
        return new AdminSession(aecs, key);
    }

    Path key() {
        return key;
    }
}
