package s3ml.lab.serve;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import s3ml.attest.S3mlException;

/// Another model server with the detector, installed from PyPI and started by the scripts of `lab/peers`. It speaks in
/// the clear. Closing it ends its processes.
///
/// Faults: `LAB-127` it did not become ready.
final class PeerServer implements AutoCloseable {
    /// Python servers on a busy machine.
    private static final Duration START = Duration.ofMinutes(2);

    /// Triton takes five seconds to end.
    private static final long END_SECONDS = 20;

    private final Process process;
    private final int grpcPort;

    private PeerServer(Process process, int grpcPort) {
        this.process = process;
        this.grpcPort = grpcPort;
    }

    /// A peer and how it is to share out the processors.
    ///
    /// @param name of its folder below `lab/peers`
    /// @param workers copies of the model that run at the same time
    /// @param threads of each
    record Setup(String name, int workers, int threads) {}

    /// Starts one, installing it if it is not yet installed.
    ///
    /// @param folder which it may fill
    static PeerServer start(Path home, Setup setup, Path model, Path folder) throws IOException {
        Path scripts = home.resolve("lab/peers").resolve(setup.name());
        String installed = Programs.run(List.of(scripts.resolve("install").toString()))
                .strip()
                .lines()
                .reduce((first, last) -> last)
                .orElse("");
        Files.createDirectories(folder);
        int http = freePort();
        int grpc = freePort();
        Path log = folder.resolve("log");
        Process process = new ProcessBuilder(
                        scripts.resolve("start").toString(),
                        installed,
                        folder.resolve("files").toString(),
                        model.toString(),
                        Integer.toString(setup.workers()),
                        Integer.toString(setup.threads()),
                        Integer.toString(http),
                        Integer.toString(grpc))
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        PeerServer server = new PeerServer(process, grpc);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(server::kill));
        try {
            server.await(setup, http, log);
            return server;
        } catch (IOException | RuntimeException failure) {
            server.close();
            throw failure;
        }
    }

    /// Peers cannot choose a port and tell it; nobody else asks for one meanwhile.
    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private void await(Setup setup, int http, Path log) throws IOException {
        URI ready = URI.create("http://127.0.0.1:" + http + "/v2/models/detector/ready");
        long end = System.nanoTime() + START.toNanos();
        while (!answers(ready)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                String said = Files.readString(log).strip();
                throw new S3mlException(
                        "LAB-127",
                        "the peer " + setup.name() + " did not become ready",
                        "it says: "
                                + said.substring(Math.max(0, said.length() - 2000))
                                        .replace('\n', ' '),
                        "remove its folder below peers/ in the cache, so that it is installed again");
            }
            try {
                Thread.sleep(200);
            } catch (InterruptedException stop) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", stop);
            }
        }
    }

    private static boolean answers(URI uri) {
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setReadTimeout(5000);
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException notYet) {
            return false;
        }
    }

    String grpcAuthority() {
        return "http://127.0.0.1:" + grpcPort;
    }

    Usage usage() {
        return new Usage(process.pid());
    }

    /// Its workers, too: they outlive a parent that is killed.
    private void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor(END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
        kill();
    }
}
