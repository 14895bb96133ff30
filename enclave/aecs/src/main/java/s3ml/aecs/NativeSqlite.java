package s3ml.aecs;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;

/// Makes sqlite-jdbc load the library that lies on `java.library.path`, where an enclave's measured libraries are,
/// rather than extract one to a temporary folder, which the host could exchange.
final class NativeSqlite {
    private static final String FILE = "libsqlitejdbc.so";

    private NativeSqlite() {}

    /// To be called before SQLite is used. Properties are read here because the library offers no other way.
    static void preferInstalled() {
        for (String folder : System.getProperty("java.library.path", "").split(File.pathSeparator, -1)) {
            if (!folder.isEmpty() && Files.exists(Path.of(folder, FILE))) {
                System.setProperty(
                        "org.sqlite.lib.path", Path.of(folder).toAbsolutePath().toString());
                System.setProperty("org.sqlite.lib.name", FILE);
                return;
            }
        }
    }
}
