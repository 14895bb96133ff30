package s3ml.lab.emulated;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;

/// A process that was started here. Closing it ends it: by SIGTERM, and if that does not do, by SIGKILL.
///
/// @param process the process
/// @param ready what it said when it was ready
public record Child(Process process, JsonObject ready) implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;

    /// Starts a main class of this class path, called as the launcher calls it, and waits for its ready line.
    ///
    /// @param log where its standard error goes
    /// @throws S3mlException LAB-131 when it ended before it was ready
    public static Child java(Path log, String main, String... arguments) throws IOException {
        return java(log, List.of("-cp", System.getProperty("java.class.path")), main, List.of(arguments));
    }

    /// As the other, with more options for the JVM, which name the class path.
    static Child java(Path log, List<String> options, String main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-Xss512k",
                "-XX:-UsePerfData",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dorg.conscrypt.native.workdir=/dev/null",
                "-Djava.library.path=" + natives()));
        command.addAll(options);
        command.add(main);
        command.addAll(arguments);
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        endsWithUs(process);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        if (line == null) {
            process.destroyForcibly();
            throw new S3mlException(
                    "LAB-131",
                    "could not start " + main,
                    "it ended before it was ready; its log says: "
                            + Files.readString(log).strip(),
                    "see " + log);
        }
        return new Child(process, Json.parseObject(line));
    }

    /// Native libraries of the build.
    static Path natives() {
        // Tests run in the module's folder and are told nothing.
        String home = System.getProperty("s3ml.home", Files.isDirectory(Path.of("enclave")) ? "." : "..");
        return Path.of(home, "enclave", "server", "target", "native")
                .toAbsolutePath()
                .normalize();
    }

    /// Starts a program that says nothing when it is ready.
    static Child program(Path log, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        endsWithUs(process);
        return new Child(process, JsonObject.builder().build());
    }

    /// Ctrl-C leaves nothing behind.
    private static void endsWithUs(Process process) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(process::destroyForcibly));
    }

    int port(String name) {
        return Math.toIntExact(ready.number(name));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
