package s3ml.aecs.endpoint;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import s3ml.attest.S3mlException;

/// Prometheus metrics and health by plain HTTP, for the operator: `/metrics`, `/live`, `/ready`. Counts only, no names.
public final class MetricsServer implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService thread;

    private MetricsServer(HttpServer server, ExecutorService thread) {
        this.server = server;
        this.thread = thread;
    }

    /// Starts to serve.
    ///
    /// @param ready whether this AECS can answer now
    /// @throws S3mlException `AECS-102` if the address cannot be had
    public static MetricsServer start(String address, int port, Supplier<String> metrics, Supplier<Boolean> ready) {
        try {
            HttpServer server = HttpServer.create(new InetSocketAddress(address, port), 0);
            ExecutorService thread = Executors.newSingleThreadExecutor(
                    Thread.ofPlatform().name("aecs-metrics").daemon().factory());
            server.setExecutor(thread);
            server.createContext("/metrics", exchange -> answer(exchange, 200, metrics.get()));
            server.createContext("/live", exchange -> answer(exchange, 200, "live\n"));
            server.createContext("/ready", exchange -> {
                boolean now = ready.get();
                answer(exchange, now ? 200 : 503, now ? "ready\n" : "not ready\n");
            });
            server.start();
            return new MetricsServer(server, thread);
        } catch (IOException e) {
            throw new S3mlException(
                    "AECS-102",
                    "cannot serve metrics on " + address + ":" + port,
                    String.valueOf(e.getMessage()),
                    "choose a free metricsPort, or 0",
                    e);
        }
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(status, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        thread.shutdownNow();
    }
}
