package s3ml.lab.serve;

import java.io.BufferedReader;
import java.io.File;
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

/// A [BareServer] as a child process, called as in an enclave. Closing it ends the process.
final class ServerUnderTest implements AutoCloseable {
    /// What each flag buys is in enclave/README.md.
    static final List<String> FLAGS = List.of(
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-Xms4m",
            "-Xmx96m",
            "-Xmn2m",
            "-XX:MinHeapFreeRatio=5",
            "-XX:MaxHeapFreeRatio=10",
            "-Xss256k",
            "-XX:StringTableSize=16384",
            "-XX:ReservedCodeCacheSize=16m",
            "-XX:-UsePerfData",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dorg.conscrypt.native.workdir=/dev/null",
            "-Dio.netty.allocator.type=pooled",
            "-Dio.netty.allocator.maxOrder=3",
            "-Dio.netty.allocator.numDirectArenas=1",
            "-Dio.netty.allocator.numHeapArenas=1");

    private final Process process;
    private final JsonObject ready;
    private final double startSeconds;

    private ServerUnderTest(Process process, JsonObject ready, double startSeconds) {
        this.process = process;
        this.ready = ready;
        this.startSeconds = startSeconds;
    }

    /// Starts it and waits until its models answer.
    ///
    /// @param folder of [RunKeys]
    /// @param natives folder of the native libraries
    /// @param cores list for `taskset`, or empty for all
    static ServerUnderTest start(Path folder, Path natives, int threads, String cores) throws IOException {
        List<String> command = new ArrayList<>();
        if (!cores.isEmpty()) {
            command.addAll(List.of("taskset", "-c", cores));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(FLAGS);
        command.add("-Djava.library.path=" + natives.toAbsolutePath());
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(BareServer.class.getName(), folder.toString(), Integer.toString(threads)));
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(new File(folder.toFile(), "server.log"))
                .start();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = output.readLine();
        double seconds = (System.nanoTime() - began) / 1e9;
        if (line == null || !Json.parseObject(line).bool("ready")) {
            process.destroy();
            throw new S3mlException(
                    "LAB-121",
                    "the model server did not start",
                    "its log says: "
                            + Files.readString(folder.resolve("server.log"), StandardCharsets.UTF_8)
                                    .strip(),
                    "build enclave/server first");
        }
        return new ServerUnderTest(process, Json.parseObject(line), seconds);
    }

    int restPort() {
        return (int) ready.number("restPort");
    }

    int grpcPort() {
        return (int) ready.number("grpcPort");
    }

    /// From the call of the JVM until its models answer.
    double startSeconds() {
        return startSeconds;
    }

    /// Resident memory now, in MiB, file-backed pages included.
    double residentMegabytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
            }
        }
        return 0;
    }

    @Override
    public void close() throws IOException {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
        process.getInputStream().close();
    }
}
