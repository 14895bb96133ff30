package s3ml.agent;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.wire.fleet.Scrape;

/// The sampler beside servers of this process that behave as model servers do.
final class ShareTellerTest {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    @TempDir
    Path root = Path.of("");

    private final List<FakeServer> servers = new ArrayList<>();
    private long now = SECOND;

    /// Shows the share that it was told on its page, unless it is of an older release.
    private static final class FakeServer {
        private final HttpServer http;
        private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
        private volatile String page = "";
        private volatile int status = 200;
        private volatile CountDownLatch answering = new CountDownLatch(0);

        FakeServer() throws IOException {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            http.createContext("/metrics", exchange -> answer(exchange, 200, page));
            http.createContext("/share", this::take);
            http.start();
        }

        private void take(HttpExchange exchange) throws IOException {
            String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.US_ASCII);
            try {
                answering.await();
            } catch (InterruptedException stop) {
                return;
            }
            if (status == 200) {
                page = "# TYPE s3ml_told_share gauge\ns3ml_told_share " + body + "\n";
            }
            answer(exchange, status, "");
            told.add(exchange.getRequestMethod() + " " + body);
        }

        private static void answer(HttpExchange exchange, int status, String text) throws IOException {
            byte[] body = text.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        }

        /// What it was told next; empty if nothing within a moment.
        Optional<String> next() throws InterruptedException {
            return Optional.ofNullable(told.poll(10, TimeUnit.SECONDS));
        }

        Scrape.Builder scrape() {
            return Scrape.newBuilder()
                    .setReplica("r1")
                    .setModel("m")
                    .setAddress("127.0.0.1")
                    .setPort(http.getAddress().getPort());
        }
    }

    @AfterEach
    void stop() {
        servers.forEach(server -> server.http.stop(0));
    }

    private FakeServer server() throws IOException {
        FakeServer server = new FakeServer();
        servers.add(server);
        return server;
    }

    private HostSampler sampler(Map<String, URI> fixed) {
        return new HostSampler(new AgentConfig(
                root,
                Optional.empty(),
                fixed,
                Optional.empty(),
                new Exporter.Address("127.0.0.1", 0),
                Duration.ofSeconds(1)));
    }

    /// A second later than the one before.
    private HostSampler.Sample sample(HostSampler sampler, Scrape... scrapes) {
        now += SECOND;
        return sampler.sample(now, List.of(scrapes));
    }

    private static void assertQuiet(FakeServer server) throws InterruptedException {
        assertThat(server.told.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void a_server_is_told_its_share_once_and_again_when_it_changes() throws Exception {
        FakeServer server = server();
        HostSampler sampler = sampler(Map.of());

        sample(sampler, server.scrape().setShare(1000).build());
        assertThat(server.next()).hasValue("PUT 1000");
        sample(sampler, server.scrape().setShare(1000).build());
        assertQuiet(server);
        sample(sampler, server.scrape().setShare(0).build());

        assertThat(server.next()).hasValue("PUT 0");
    }

    @Test
    void a_change_of_at_most_a_fiftieth_is_not_told_and_a_larger_one_is() throws Exception {
        FakeServer server = server();
        HostSampler sampler = sampler(Map.of());
        sample(sampler, server.scrape().setShare(500_000).build());
        assertThat(server.next()).hasValue("PUT 500000");

        sample(sampler, server.scrape().setShare(490_000).build());
        assertQuiet(server);
        sample(sampler, server.scrape().setShare(510_204).build());
        assertQuiet(server);
        sample(sampler, server.scrape().setShare(489_999).build());

        assertThat(server.next()).hasValue("PUT 489999");
    }

    @Test
    void small_falls_add_up_and_the_last_one_is_known_within_a_fiftieth() throws Exception {
        FakeServer server = server();
        HostSampler sampler = sampler(Map.of());
        sample(sampler, server.scrape().setShare(1_000_000).build());
        assertThat(server.next()).hasValue("PUT 1000000");

        List<String> told = new ArrayList<>();
        for (int share = 995_000; share >= 950_000; share -= 5_000) {
            sample(sampler, server.scrape().setShare(share).build());
            Optional.ofNullable(server.told.poll(100, TimeUnit.MILLISECONDS)).ifPresent(told::add);
        }

        assertThat(told).containsExactly("PUT 975000", "PUT 955000");
        assertThat(ShareTeller.isNear(955_000, 950_000)).isTrue();
    }

    @Test
    void a_server_that_is_parked_or_comes_back_is_told_however_small_its_share() throws Exception {
        FakeServer server = server();
        HostSampler sampler = sampler(Map.of());
        sample(sampler, server.scrape().setShare(1).build());
        assertThat(server.next()).hasValue("PUT 1");

        sample(sampler, server.scrape().setShare(0).build());
        assertThat(server.next()).hasValue("PUT 0");
        sample(sampler, server.scrape().setShare(0).build());
        assertQuiet(server);
        sample(sampler, server.scrape().setShare(1).build());

        assertThat(server.next()).hasValue("PUT 1");
    }

    @Test
    void a_server_that_was_started_anew_is_told_again() throws Exception {
        FakeServer server = server();
        HostSampler sampler = sampler(Map.of());
        Scrape scrape = server.scrape().setShare(250).build();
        sample(sampler, scrape);
        assertThat(server.next()).hasValue("PUT 250");

        server.page = "";
        sample(sampler, scrape);

        assertThat(server.next()).hasValue("PUT 250");
    }

    @Test
    void a_server_whose_share_is_not_known_is_told_nothing() throws Exception {
        FakeServer scraped = server();
        FakeServer fixed = server();
        HostSampler sampler = sampler(
                Map.of("r2", URI.create("http://127.0.0.1:" + fixed.scrape().getPort() + "/metrics")));

        sample(sampler, scraped.scrape().build());

        assertQuiet(scraped);
        assertQuiet(fixed);
    }

    @Test
    void a_server_that_does_not_take_its_share_is_left_alone_for_ten_seconds() throws Exception {
        FakeServer server = server();
        server.status = 404;
        HostSampler sampler = sampler(Map.of());
        Scrape scrape = server.scrape().setShare(100).build();
        sample(sampler, scrape);
        assertThat(server.next()).hasValue("PUT 100");

        // The answer has to arrive at the teller before the next sample can know of it.
        Thread.sleep(200);
        sample(sampler, scrape);
        assertQuiet(server);
        server.status = 200;
        now += 10 * SECOND;
        sample(sampler, scrape);

        assertThat(server.next()).hasValue("PUT 100");
    }

    @Test
    void a_server_that_does_not_answer_delays_no_sample_and_is_asked_by_one_at_a_time() throws Exception {
        FakeServer stuck = server();
        stuck.answering = new CountDownLatch(1);
        FakeServer other = server();
        HostSampler sampler = sampler(Map.of());
        Scrape first = stuck.scrape().setShare(100).build();
        Scrape second = other.scrape().setReplica("r2").setShare(200).build();

        sample(sampler, first, second);
        assertThat(other.next()).hasValue("PUT 200");
        sample(sampler, first, second);
        assertQuiet(stuck);
        stuck.answering.countDown();

        assertThat(stuck.next()).hasValue("PUT 100");
        assertQuiet(stuck);
    }

    @Test
    void what_a_replica_did_is_measured_across_a_change_of_its_share() throws Exception {
        FakeServer server = server();
        server.status = 404;
        HostSampler sampler = sampler(Map.of());
        server.page = "nv_inference_request_success{model=\"m\"} 10\n";
        sample(sampler, server.scrape().setShare(1000).build());
        server.page = "nv_inference_request_success{model=\"m\"} 15\n";

        HostSampler.Sample sample =
                sample(sampler, server.scrape().setShare(500).build());

        assertThat(sample.replicas())
                .singleElement()
                .satisfies(report -> assertThat(report.arrivalsPerSecond()).isEqualTo(5));
    }

    @Test
    void a_told_share_that_is_no_number_counts_as_none() {
        assertThat(MetricsPage.parse("s3ml_told_share 250\n").toldShare()).hasValue(250);
        assertThat(MetricsPage.parse("s3ml_told_share many\n").toldShare()).isEmpty();
        assertThat(MetricsPage.parse("s3ml_told_share -1\n").toldShare()).isEmpty();
        assertThat(MetricsPage.parse("# TYPE s3ml_told_share gauge\n").toldShare())
                .isEmpty();
    }
}
