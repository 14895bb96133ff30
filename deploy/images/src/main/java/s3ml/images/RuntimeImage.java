package s3ml.images;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;

/// The part of the JDK that the processes use, made by jlink once for all images.
///
/// Codes: `IMG-101` jlink failed.
final class RuntimeImage {
    /// Base, naming (TLS, gRPC's resolver), logging, JDBC (SQLite), HTTP client and server, management (metrics),
    /// elliptic curves,
    /// and what protobuf and Netty ask of the unsupported module.
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.security.jgss",
            "java.sql",
            "jdk.crypto.ec",
            "jdk.httpserver",
            "jdk.management",
            "jdk.net",
            "jdk.unsupported");

    private RuntimeImage() {}

    /// Makes it in a folder that is not there yet.
    static void link(Path folder) {
        ToolProvider jlink = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> failed("this JDK has no jlink; start with a full JDK 25", null));
        StringWriter said = new StringWriter();
        PrintWriter out = new PrintWriter(said);
        int status = jlink.run(
                out,
                out,
                "--add-modules",
                String.join(",", MODULES),
                "--strip-debug",
                "--no-header-files",
                "--no-man-pages",
                "--compress=zip-0", // what is loaded into an enclave is measured as it is, and layers are compressed
                // anyway
                "--output",
                folder.toString());
        if (status != 0) {
            throw failed(said.toString().strip(), null);
        }
    }

    /// Its files, by their paths in the image.
    static Map<String, Path> files(Path folder) {
        Map<String, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.walk(folder)) {
            all.filter(Files::isRegularFile)
                    .forEach(file -> files.put(Contents.JAVA_HOME + "/" + folder.relativize(file), file));
        } catch (IOException e) {
            throw failed(folder + ": " + e.getMessage(), e);
        }
        return files;
    }

    private static S3mlException failed(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new S3mlException("IMG-101", "could not link a run-time image", why, "see the lines above", cause);
    }
}
