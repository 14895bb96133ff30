package s3ml.lab.watch;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A real Prometheus in a process of its own.
final class Prometheus implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 60;

    private final HttpClient client = HttpClient.newHttpClient();
    private final Process process;
    private final int port;

    private Prometheus(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /// @param program folder of prometheus and promtool
    /// @param folder holds prometheus.yml; data and log are written there
    static Prometheus start(Path program, Path folder) throws Exception {
        int port = freePort();
        Process process = new ProcessBuilder(
                        program.resolve("prometheus").toString(),
                        "--config.file=" + folder.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + folder.resolve("data"),
                        "--web.listen-address=127.0.0.1:" + port)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("prometheus.log").toFile())
                .start();
        Prometheus prometheus = new Prometheus(process, port);
        prometheus.await("it answers", prometheus::answers);
        return prometheus;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    private boolean answers() {
        try {
            return ask("/-/ready").statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end || !process.isAlive()) {
                throw new AssertionError("waited for: " + what);
            }
            Thread.sleep(200);
        }
    }

    /// Names of all metrics that it has seen.
    Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (JsonElement name : api("label/__name__/values").getAsJsonArray("data")) {
            names.add(name.getAsString());
        }
        return names;
    }

    /// The answer to an instant query, or to another path of its API.
    JsonObject query(String expression) {
        return api("query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    }

    JsonObject api(String path) {
        try {
            return JsonParser.parseString(ask("/api/v1/" + path).body()).getAsJsonObject();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private HttpResponse<String> ask(String path) throws IOException {
        try {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        client.close();
    }
}
