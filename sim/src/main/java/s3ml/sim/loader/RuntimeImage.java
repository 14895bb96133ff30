package s3ml.sim.loader;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;

/// The part of the JDK that enclaves run on, and the archives of the classes that each of them loads. Both are made
/// once for a build, in its `target/runtime`, and measured like every other file of an enclave.
///
/// The same JDK, jars and class list give the same bytes: the archive's header names jars by size and time, so all jars
/// of an enclave bear the time [#JAR_TIME]. What is made is kept under a digest of what it is made from.
///
/// Thread-safe, also between processes: one makes, the others wait.
///
/// Faults: `SIM-115` the JDK's jlink or JVM failed.
public final class RuntimeImage {
    /// The time of every jar of an enclave, here and in images: what layers of OCI images bear.
    static final java.time.Instant JAR_TIME = java.time.Instant.ofEpochSecond(1);

    /// Base, naming (TLS, gRPC's resolver), logging, JDBC (SQLite), HTTP client and server, management (metrics),
    /// elliptic curves, and what protobuf and Netty ask of the unsupported module.
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

    private final WorkFolder work;
    private final Path jdk;

    private RuntimeImage(WorkFolder work, Path jdk) {
        this.work = work;
        this.jdk = jdk;
    }

    /// Of the built tree at that folder.
    static RuntimeImage of(Path home, Path jdk) {
        return new RuntimeImage(new WorkFolder(home.resolve("target/runtime")), jdk);
    }

    /// A JDK home with what enclaves need; made if it is not there yet.
    Path image() {
        return work.made("image", "", describe(jdk), this::link);
    }

    /// What is linked depends on the JDK, which its own words and the size of its modules tell.
    private static String describe(Path jdk) {
        try {
            return String.join(",", MODULES) + "\n" + Files.size(jdk.resolve("lib/modules")) + "\n"
                    + Files.readString(jdk.resolve("release"), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw failed("the JDK at " + jdk + " is not whole: " + e.getMessage(), e);
        }
    }

    private void link(Path folder) {
        run(
                List.of(
                        jdk.resolve("bin/jlink").toString(),
                        "--add-modules",
                        String.join(",", MODULES),
                        "--strip-java-debug-attributes",
                        "--no-header-files",
                        "--no-man-pages",
                        // What is loaded into an enclave is measured as it is.
                        "--compress=zip-0",
                        "--output",
                        folder.toString()),
                folder.resolveSibling("."));
    }

    /// The archive of an enclave's classes; made if it is not there yet.
    ///
    /// @param enclave whose archive it is; an older one of it is removed
    /// @param classPath the production class path; what is appended to it when the enclave starts does no harm
    /// @param classList names of classes, in the JVM's format
    Path archive(String enclave, List<Path> classPath, Path classList) {
        Path image = image();
        StringBuilder inputs = new StringBuilder(image.getFileName().toString());
        try {
            inputs.append('\n').append(FileDigests.of(classList).hex());
            for (Path jar : classPath) {
                inputs.append('\n')
                        .append(jar.getFileName())
                        .append(' ')
                        .append(FileDigests.of(jar).hex());
            }
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        }
        return work.made(enclave, ".jsa", inputs.toString(), file -> dump(image, classPath, classList, file));
    }

    private void dump(Path image, List<Path> classPath, Path classList, Path file) {
        Path stage = file.resolveSibling(file.getFileName() + ".stage");
        List<String> names = new ArrayList<>();
        try {
            Files.createDirectories(stage.resolve("classpath"));
            for (Path jar : classPath) {
                String name = "classpath/" + jar.getFileName();
                FileDigests.copying(jar, stage.resolve(name));
                names.add(name);
            }
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        }
        run(
                List.of(
                        image.resolve("bin/java").toString(),
                        "-Xshare:dump",
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:SharedClassListFile=" + classList.toAbsolutePath(),
                        "-XX:SharedArchiveFile=" + file,
                        // Classes of the list that this build does not have are left out; one that changed is no fault.
                        "-Xlog:disable",
                        "-Xlog:all=error:stderr",
                        "-cp",
                        String.join(":", names)),
                stage);
        WorkFolder.remove(stage);
    }

    private static void run(List<String> command, Path folder) {
        try {
            ProcessBuilder builder =
                    new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
            // An archive also holds objects of the JVM that dumps it, its locale and options among them.
            builder.environment().put("LC_ALL", "C");
            builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS"));
            Process process = builder.start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
            int status = process.waitFor();
            if (status != 0) {
                throw failed(command.getFirst() + " ended with status " + status + ": " + said, null);
            }
        } catch (IOException e) {
            throw failed(String.valueOf(e.getMessage()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("interrupted", e);
        }
    }

    static S3mlException failed(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new S3mlException(
                "SIM-115",
                "could not make what enclaves run on",
                why,
                "use a full JDK 25 (with bin/jlink), and leave 300 MB of disk for target/runtime",
                cause);
    }
}
