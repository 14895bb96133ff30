package s3ml.agent;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import s3ml.policy.ReplicaReport;
import s3ml.wire.fleet.Scrape;

/// Reads everything the agent reports of its host. Not thread-safe: one thread samples.
final class HostSampler {
    private static final long WINDOW_NANOS = 3_000_000_000L;
    private static final double SMOOTHING = 0.6;
    /// A metrics page of any model server is far smaller.
    private static final int LARGEST_PAGE = 4 << 20;
    /// More model servers than any host holds.
    private static final int MOST_SCRAPES = 256;

    private final Optional<PagingSource> source;
    private final Optional<RateMeter> rates;
    private final CpuMeter cpu;
    /// From the command line.
    private final Map<URI, ReplicaMeter> replicas = new LinkedHashMap<>();
    /// From the control plane, without their shares, which change.
    private Map<Scrape, ReplicaMeter> scraped = Map.of();

    private final ShareTeller teller = new ShareTeller();

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

    /// @param scrapes model servers that the control plane names
    Sample sample(long atNanos, List<Scrape> scrapes) {
        Optional<PagingCounters> counters = source.flatMap(PagingSource::read);
        Optional<RateMeter.Rates> paging = counters.flatMap(read -> rates.map(meter -> meter.sample(read, atNanos)));
        List<ReplicaReport> reports = new ArrayList<>();
        replicas.forEach((uri, meter) ->
                fetch(uri).ifPresent(page -> reports.addAll(meter.advance(MetricsPage.parse(page), atNanos))));
        Map<Scrape, Integer> shares = follow(scrapes);
        scraped.forEach((scrape, meter) -> MetricsPort.uri(scrape, "/metrics")
                .flatMap(HostSampler::fetch)
                .ifPresent(text -> {
                    MetricsPage page = MetricsPage.parse(text);
                    meter.advanceAll(page, scrape.getModel(), atNanos).ifPresent(reports::add);
                    Integer share = shares.get(scrape);
                    if (share != null) {
                        teller.tell(scrape, page.toldShare(), share, atNanos);
                    }
                }));
        teller.keep(scraped.keySet());
        return new Sample(sourceName(), paging, counters, cpu.busy(), reports);
    }

    /// Keeps the meters of those that are still named.
    ///
    /// @return the share of each that is to be told one
    private Map<Scrape, Integer> follow(List<Scrape> scrapes) {
        Map<Scrape, ReplicaMeter> next = new LinkedHashMap<>();
        Map<Scrape, Integer> shares = new HashMap<>();
        scrapes.stream().limit(MOST_SCRAPES).forEach(named -> {
            Scrape scrape = named.toBuilder().clearShare().build();
            ReplicaMeter known = scraped.get(scrape);
            next.put(scrape, known == null ? new ReplicaMeter(scrape.getReplica()) : known);
            if (named.hasShare()) {
                shares.put(scrape, named.getShare());
            }
        });
        scraped = next;
        return shares;
    }

    /// The page; empty when the server does not answer in time: it is starting, stopping or stuck.
    private static Optional<String> fetch(URI uri) {
        try {
            HttpURLConnection connection = MetricsPort.connection(uri);
            try (InputStream in = connection.getInputStream()) {
                return Optional.of(new String(in.readNBytes(LARGEST_PAGE), StandardCharsets.UTF_8));
            } finally {
                connection.disconnect();
            }
        } catch (IOException unreachable) {
            return Optional.empty();
        }
    }
}
