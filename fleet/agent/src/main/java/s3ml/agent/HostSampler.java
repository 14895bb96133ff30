package s3ml.agent;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import s3ml.policy.ReplicaReport;

/// Reads everything the agent reports of its host. Not thread-safe: one thread samples.
final class HostSampler {
    private static final long WINDOW_NANOS = 3_000_000_000L;
    private static final double SMOOTHING = 0.6;
    /// A metrics page of any model server is far smaller.
    private static final int LARGEST_PAGE = 4 << 20;
    private static final int TIMEOUT_MILLIS = 500;

    private final Optional<PagingSource> source;
    private final Optional<RateMeter> rates;
    private final CpuMeter cpu;
    private final Map<URI, ReplicaMeter> replicas = new LinkedHashMap<>();

    /// What was read at one moment.
    ///
    /// @param source name of the paging source; empty without one
    /// @param paging rates; empty without a source, or when it could not be read
    /// @param counters cumulative numbers behind the rates
    /// @param cpuBusy 0 to 1
    /// @param replicas what they did
    record Sample(
            String source,
            Optional<RateMeter.Rates> paging,
            Optional<PagingCounters> counters,
            double cpuBusy,
            List<ReplicaReport> replicas) {}

    HostSampler(AgentConfig config) {
        this.source = config.emulated()
                .<PagingSource>map(folder -> new SconeSource("emulated", folder))
                .or(() -> new SourceDetection(config.root()).find().stream().findFirst());
        this.rates = source.map(found -> new RateMeter(found.bits(), WINDOW_NANOS, SMOOTHING));
        this.cpu = new CpuMeter(config.root().resolve("proc"));
        config.replicas().forEach((name, uri) -> replicas.put(uri, new ReplicaMeter(name)));
    }

    /// Name of the paging source in use; empty without one.
    String sourceName() {
        return source.map(PagingSource::name).orElse("");
    }

    Sample sample(long atNanos) {
        Optional<PagingCounters> counters = source.flatMap(PagingSource::read);
        Optional<RateMeter.Rates> paging = counters.flatMap(read -> rates.map(meter -> meter.sample(read, atNanos)));
        List<ReplicaReport> reports = new ArrayList<>();
        replicas.forEach((uri, meter) -> {
            String page = fetch(uri);
            if (!page.isEmpty()) {
                reports.addAll(meter.advance(MetricsPage.parse(page), atNanos));
            }
        });
        return new Sample(sourceName(), paging, counters, cpu.busy(), reports);
    }

    /// The page; empty when the server does not answer in time: it is starting, stopping or stuck.
    private static String fetch(URI uri) {
        try {
            HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MILLIS);
            connection.setReadTimeout(TIMEOUT_MILLIS);
            try (InputStream in = connection.getInputStream()) {
                return new String(in.readNBytes(LARGEST_PAGE), StandardCharsets.UTF_8);
            } finally {
                connection.disconnect();
            }
        } catch (IOException unreachable) {
            return "";
        }
    }
}
