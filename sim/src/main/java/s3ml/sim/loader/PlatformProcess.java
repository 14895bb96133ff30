package s3ml.sim.loader;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.sim.platform.PccsServer;
import s3ml.sim.platform.SimulatedPlatform;

/// The simulated platform as a process: [#run] is what that process does, and [#start] starts it as a child.
///
/// A child ends with its parent: its standard input is the parent's line, and when that closes the platform stops its
/// enclaves and ends.
public final class PlatformProcess implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(60);
    private static final Duration GRACE = Duration.ofSeconds(15);

    private final Process process;
    private final JsonObject status;

    private PlatformProcess(Process process, JsonObject status) {
        this.process = process;
        this.status = status;
    }

    /// Runs a platform in this process until it is told to end (SIGTERM, SIGINT, or the end of standard input where
    /// that is the parent's line). Prints one ready line.
    ///
    /// @throws S3mlException SIM-101 or SIM-102 if the state folder cannot be used
    public static void run(Path state, boolean endsWithStandardInput) {
        SimulatedPlatform platform = SimulatedPlatform.open(state, InstantSource.system());
        Loader loader = Loader.open(platform, state);
        PccsServer pccs = PccsServer.start(platform);
        ControlServer control = ControlServer.start(loader, pccs.address(), platform.rootFingerprint());
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("platform-end").unstarted(() -> {
                    control.close();
                    loader.close();
                    pccs.close();
                }));
        System.out.println(Json.write(control.status()));
        System.out.flush();
        try {
            if (endsWithStandardInput) {
                while (System.in.read() >= 0) {
                    // The parent writes nothing; only the end matters.
                }
            } else {
                Thread.currentThread().join();
            }
        } catch (IOException e) {
            // A broken line is an ended one.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Starts a platform as a child of this process.
    ///
    /// @param command the Java command up to the main class, which calls [#run]
    /// @throws S3mlException SIM-113 if it does not become ready
    public static PlatformProcess start(List<String> command, Path log) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            CompletableFuture<JsonObject> ready = new CompletableFuture<>();
            Thread.ofPlatform().daemon().start(() -> readReady(process, ready));
            return new PlatformProcess(process, await(process, ready, log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void readReady(Process process, CompletableFuture<JsonObject> ready) {
        try (BufferedReader output = process.inputReader(StandardCharsets.UTF_8)) {
            String line = output.readLine();
            if (line == null) {
                ready.completeExceptionally(new IOException("it ended without a word"));
            } else {
                ready.complete(Json.parseObject(line));
            }
            while (output.readLine() != null) {
                // Nothing more is said; the pipe must not fill up.
            }
        } catch (IOException | S3mlException e) {
            ready.completeExceptionally(e);
        }
    }

    private static JsonObject await(Process process, CompletableFuture<JsonObject> ready, Path log) {
        try {
            return ready.get(READY_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new S3mlException(
                    "SIM-113",
                    "the simulated platform did not start",
                    String.valueOf(
                            e.getCause() == null ? e.getMessage() : e.getCause().getMessage()),
                    "see " + log,
                    e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new S3mlException(
                    "SIM-113", "the simulated platform did not start", "interrupted", "start it again", e);
        }
    }

    /// Where to ask it for enclaves.
    public PlatformControl control() {
        return PlatformControl.at(Path.of(status.string("control")));
    }

    /// `http://127.0.0.1:PORT` of its PCCS.
    public String pccs() {
        return status.string("pccs");
    }

    /// What a policy names to accept it: `sha256:HEX` of its root certificate.
    public String root() {
        return status.string("root");
    }

    public long pid() {
        return process.pid();
    }

    public boolean alive() {
        return process.isAlive();
    }

    /// Ends it without warning (SIGKILL), as a power cut would.
    public void kill() {
        process.destroyForcibly();
    }

    /// Ends the platform and its enclaves, and waits for that.
    @Override
    public void close() {
        process.toHandle().destroy();
        try {
            if (!process.waitFor(GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                process.waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
