package s3ml.lab.console;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import s3ml.attest.S3mlException;
import s3ml.lab.serve.Folders;

/// A headless Chromium of this machine with a profile of its own, ended when closed.
///
/// Codes: `LAB-150` it is not there, `LAB-151` it does not start.
final class Chromium implements AutoCloseable {
    private static final List<String> PLACES =
            List.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome");
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    private final Process process;
    private final Path profile;
    private final int port;

    private Chromium(Process process, Path profile, int port) {
        this.process = process;
        this.profile = profile;
        this.port = port;
    }

    /// Where this machine has one.
    static Optional<Path> installed() {
        return PLACES.stream().map(Path::of).filter(Files::isExecutable).findFirst();
    }

    static Chromium start() {
        Path program = installed()
                .orElseThrow(() -> new S3mlException(
                        "LAB-150",
                        "no Chromium to open the console in",
                        "none of " + PLACES + " is there",
                        "deploy/test/components axe installs it (as root), or: apt-get install chromium"));
        try {
            Path profile = Files.createTempDirectory("s3ml-chromium");
            Process process = new ProcessBuilder(command(program, profile))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(profile.resolve("stderr").toFile())
                    .start();
            try {
                return new Chromium(process, profile, awaitPort(process, profile));
            } catch (RuntimeException failed) {
                process.destroyForcibly();
                throw failed;
            }
        } catch (IOException failed) {
            throw new UncheckedIOException("cannot start " + program, failed);
        }
    }

    private static List<String> command(Path program, Path profile) {
        List<String> command = new ArrayList<>(List.of(
                program.toString(),
                "--headless",
                "--remote-debugging-port=0",
                "--user-data-dir=" + profile,
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                // It shall speak to the console only.
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--enable-precise-memory-info",
                "--window-size=1280,900"));
        if ("root".equals(System.getProperty("user.name"))) {
            // Chromium's own sandbox does not work for root; the only pages it opens are ours.
            command.add("--no-sandbox");
        }
        command.add("about:blank");
        return command;
    }

    private static int awaitPort(Process process, Path profile) throws IOException {
        Path file = profile.resolve("DevToolsActivePort");
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() < end && process.isAlive()) {
            if (Files.exists(file)) {
                List<String> lines = Files.readAllLines(file);
                if (!lines.isEmpty()) {
                    return Integer.parseInt(lines.getFirst().strip());
                }
            }
            Pause.millis(20);
        }
        throw new S3mlException(
                "LAB-151",
                "Chromium did not start",
                Files.readString(profile.resolve("stderr"))
                        .lines()
                        .limit(3)
                        .toList()
                        .toString(),
                "try it by hand: chromium --headless about:blank");
    }

    /// Opens an empty page.
    BrowserPage newPage() {
        JsonObject target = JsonParser.parseString(put("/json/new?about:blank")).getAsJsonObject();
        return BrowserPage.at(URI.create(target.get("webSocketDebuggerUrl").getAsString()));
    }

    private String put(String path) {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                    .method("PUT", HttpRequest.BodyPublishers.noBody())
                                    .build(),
                            HttpResponse.BodyHandlers.ofString())
                    .body();
        } catch (IOException failed) {
            throw new UncheckedIOException("Chromium does not answer", failed);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", ended);
        }
    }

    @Override
    public void close() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                children.forEach(ProcessHandle::destroyForcibly);
                process.waitFor();
            }
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
        }
        try {
            Folders.remove(profile);
        } catch (UncheckedIOException leftOver) {
            System.err.println("not removed: " + profile + ": " + leftOver.getMessage());
        }
    }
}
