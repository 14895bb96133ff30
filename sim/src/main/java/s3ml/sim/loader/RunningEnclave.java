package s3ml.sim.loader;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.sim.platform.EnclaveIdentity;

/// A started enclave: its process, its line to the platform, its files. Owned by the [Loader].
final class RunningEnclave implements AutoCloseable {
    /// Longer lines on standard output are not a ready line.
    private static final int MAX_READY_LINE = 1 << 16;

    private final String name;
    private final EnclaveIdentity identity;
    private final Stage stage;
    private final EnclaveSocket socket;
    private final Process process;
    private final CompletableFuture<JsonObject> ready = new CompletableFuture<>();
    private final Thread watcher;

    /// Where an enclave's files lie: its working folder, and the file that takes its standard error.
    record Stage(Path folder, Path log) {
        List<String> command(EnclaveSpec spec) {
            List<String> command = new ArrayList<>();
            command.add(spec.javaHome().resolve("bin/java").toString());
            command.addAll(spec.call().jvmOptions());
            command.add("-cp");
            command.add(String.join(
                    ":",
                    spec.parts().classPath().stream()
                            .map(path -> "classpath/" + path.getFileName())
                            .toList()));
            command.add(spec.call().mainClass());
            command.addAll(spec.call().arguments());
            return command;
        }

        void remove() {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            } catch (IOException | UncheckedIOException e) {
                // The next platform with this state removes what is left.
            }
        }
    }

    private RunningEnclave(String name, EnclaveIdentity identity, Stage stage, EnclaveSocket socket, Process process) {
        this.name = name;
        this.identity = identity;
        this.stage = stage;
        this.socket = socket;
        this.process = process;
        this.watcher = Thread.ofPlatform().daemon().name("watch-" + name).unstarted(this::watch);
    }

    static RunningEnclave start(
            EnclaveSpec spec, EnclaveIdentity identity, Stage stage, EnclaveSocket socket, Path socketPath)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(stage.command(spec))
                .directory(stage.folder().toFile())
                .redirectError(ProcessBuilder.Redirect.appendTo(stage.log().toFile()));
        // The host's environment could carry JVM options: none of it goes into an enclave.
        builder.environment().clear();
        builder.environment().put("LC_ALL", "C.UTF-8");
        // One arena of glibc's allocator: one for each thread keeps freed pages resident, and in a TEE those are EPC.
        builder.environment().put("MALLOC_ARENA_MAX", "1");
        Process process = builder.start();
        RunningEnclave enclave = new RunningEnclave(spec.name(), identity, stage, socket, process);
        OutputStream lifeline = process.getOutputStream();
        String line = socketPath + "\n" + HexFormat.of().formatHex(socket.token()) + "\n";
        lifeline.write(line.getBytes(StandardCharsets.UTF_8));
        lifeline.flush();
        // Not a virtual thread: reading a pipe holds its carrier, and two enclaves on two processors would hold them
        // all.
        Thread.ofPlatform().daemon().name("stdout-" + spec.name()).start(enclave::readOutput);
        enclave.watcher.start();
        return enclave;
    }

    /// The first line is the ready line; the rest is read so that the process never blocks, and dropped.
    private void readOutput() {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            if (line != null && line.length() <= MAX_READY_LINE) {
                ready.complete(Json.parseObject(line));
            }
            try (InputStream rest = process.getInputStream()) {
                rest.transferTo(OutputStream.nullOutputStream());
            }
        } catch (IOException e) {
            // The process ended.
        } catch (S3mlException e) {
            ready.completeExceptionally(e);
        }
    }

    private void watch() {
        try {
            process.waitFor();
            ended();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void ended() {
        socket.close();
        ready.completeExceptionally(new S3mlException(
                "SIM-105",
                "enclave " + name + " ended before it was ready",
                "exit status " + process.exitValue()
                        + lastLogLine()
                                .map(line -> ", last line of its log: " + line)
                                .orElse(""),
                "see " + stage.log()));
        stage.remove();
    }

    private Optional<String> lastLogLine() {
        try {
            List<String> lines = Files.readAllLines(stage.log(), StandardCharsets.UTF_8);
            return lines.isEmpty() ? Optional.empty() : Optional.of(lines.getLast());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /// Waits for the ready line.
    ///
    /// @throws S3mlException SIM-105 if the process ended first, SIM-106 if the time ran out
    JsonObject awaitReady(Duration limit) throws InterruptedException {
        try {
            return ready.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof S3mlException reason ? reason : new IllegalStateException(e.getCause());
        } catch (TimeoutException e) {
            throw new S3mlException(
                    "SIM-106",
                    "enclave " + name + " is not ready",
                    "it has said nothing for " + limit.toSeconds() + " s",
                    "see " + stage.log(),
                    e);
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /// SIGTERM. Not by [Process#destroy()], which also closes the lifeline, at whose end the enclave stops without
    /// draining.
    void terminate() {
        process.toHandle().destroy();
    }

    void kill() {
        process.destroyForcibly();
    }

    /// Waits for the end, and kills what does not end in time. Returns the exit status.
    int awaitEnd(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            process.destroyForcibly();
        }
        int status = process.waitFor();
        watcher.join();
        return status;
    }

    JsonObject describe() {
        JsonObject.Builder json = JsonObject.builder()
                .put("name", name)
                .put("pid", process.pid())
                .put("simulated", true)
                .put("measurement", HexFormat.of().formatHex(identity.measurement()))
                .put("mrTd", HexFormat.of().formatHex(identity.wideMeasurement()))
                .put("signer", HexFormat.of().formatHex(identity.signer()))
                .put("debug", identity.debug())
                .put("log", stage.log().toString())
                .put("state", process.isAlive() ? (ready.isDone() ? "ready" : "starting") : "ended");
        if (!process.isAlive()) {
            json.put("exitStatus", process.exitValue());
        }
        if (ready.isDone() && !ready.isCompletedExceptionally()) {
            json.put("ready", ready.join());
        }
        return json.build();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        socket.close();
    }
}
