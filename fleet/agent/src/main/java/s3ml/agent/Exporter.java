package s3ml.agent;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/// Serves the last sample in Prometheus text format. Thread-safe.
final class Exporter implements AutoCloseable {
    private final HttpServer server;
    private final AtomicReference<String> page = new AtomicReference<>("");

    /// Where it listens.
    ///
    /// @param bind address
    /// @param port 0 lets the system choose
    record Address(String bind, int port) {
        Address {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("metricsPort is no port: " + port);
            }
        }
    }

    private Exporter(HttpServer server) {
        this.server = server;
    }

    static Exporter start(Address address) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(address.bind(), address.port()), 16);
        Exporter exporter = new Exporter(server);
        server.createContext("/metrics", exporter::answer);
        server.start();
        return exporter;
    }

    int port() {
        return server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        byte[] body = page.get().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    void publish(HostSampler.Sample sample) {
        page.set(render(sample));
    }

    /// The SCONE names, which other exporters of SGX hosts use too, and ours for what they lack.
    static String render(HostSampler.Sample sample) {
        StringBuilder out = new StringBuilder();
        sample.counters().ifPresent(counters -> {
            metric(out, "sgx_loaded_back", "counter", "EPC pages loaded back (ELDU)", (double) counters.loadedBack());
            metric(out, "sgx_nr_evicted", "counter", "EPC pages evicted (EWB)", (double) counters.evicted());
            metric(out, "sgx_nr_free_pages", "gauge", "free EPC pages", (double) counters.freePages());
            metric(out, "sgx_nr_total_epc_pages", "gauge", "usable EPC pages", (double) counters.totalPages());
        });
        sample.paging().ifPresent(rates -> {
            metric(out, "s3ml_epc_loaded_per_second", "gauge", "smoothed rate of loads", rates.loadedPerSecond());
            metric(out, "s3ml_epc_evicted_per_second", "gauge", "smoothed rate of evictions", rates.evictedPerSecond());
        });
        metric(out, "s3ml_host_cpu_busy_ratio", "gauge", "busy share of the processors", sample.cpuBusy());
        metric(
                out,
                "s3ml_agent_paging_source_found",
                "gauge",
                "1 with a paging source",
                sample.source().isEmpty() ? 0 : 1);
        return out.toString();
    }

    private static void metric(StringBuilder out, String name, String type, String help, double value) {
        if (value == PagingCounters.UNKNOWN) {
            return;
        }
        out.append("# HELP ").append(name).append(' ').append(help).append('\n');
        out.append("# TYPE ").append(name).append(' ').append(type).append('\n');
        out.append(name).append(' ');
        if (value == Math.rint(value)) {
            out.append((long) value);
        } else {
            out.append(String.format(Locale.ROOT, "%.3f", value));
        }
        out.append('\n');
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
