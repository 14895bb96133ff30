package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.policy.FleetException;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.FleetGrpc;
import s3ml.wire.fleet.HostReport;
import s3ml.wire.fleet.PagingRates;
import s3ml.wire.fleet.ReportReply;

final class ControlPlaneTest {
    private static final String CONFIG = """
            {"tickMillis": 100,
             "models": [{"name": "detector", "objectiveMillis": 200, "serviceMillis": 60, "workingSetPages": 9000,
                         "pagingThreshold": 1500}],
             "hosts": [{"name": "h1", "replicas": [
                         {"name": "r1", "model": "detector", "address": "127.0.0.1", "port": 7001}]},
                       {"name": "h2", "replicas": [
                         {"name": "r2", "model": "detector", "address": "127.0.0.1", "port": 7002}]}]}
            """;

    @TempDir
    static Path keys = Path.of("");

    @BeforeAll
    static void makeKeys() throws Exception {
        for (String name : new String[] {"control", "h1", "h2", "stranger"}) {
            TestKeys.make(keys, name);
        }
        Files.writeString(
                keys.resolve("clients.crt"),
                Files.readString(keys.resolve("h1.crt")) + Files.readString(keys.resolve("stranger.crt")));
    }

    private ControlPlane start() throws Exception {
        FleetConfig config = ConfigFile.parse(CONFIG);
        return ControlPlane.start(
                config,
                new ControlPlane.Tls(
                        keys.resolve("control.crt"), keys.resolve("control.key"), keys.resolve("clients.crt")),
                new ControlPlane.Ports("127.0.0.1", 0, 0),
                InstantSource.system());
    }

    private ManagedChannel channel(ControlPlane plane, String name) throws Exception {
        return Grpc.newChannelBuilder(
                        "127.0.0.1:" + plane.agentPort(),
                        TlsChannelCredentials.newBuilder()
                                .keyManager(
                                        keys.resolve(name + ".crt").toFile(),
                                        keys.resolve(name + ".key").toFile())
                                .trustManager(keys.resolve("control.crt").toFile())
                                .build())
                .build();
    }

    private static final class Replies implements StreamObserver<ReportReply> {
        private final BlockingQueue<ReportReply> received = new LinkedBlockingQueue<>();
        private final BlockingQueue<Throwable> failed = new LinkedBlockingQueue<>();

        @Override
        public void onNext(ReportReply reply) {
            received.add(reply);
        }

        @Override
        public void onError(Throwable failure) {
            failed.add(failure);
        }

        @Override
        public void onCompleted() {
            // Nothing to wait for.
        }
    }

    private static HostReport paging(long sequence, double rate) {
        return HostReport.newBuilder()
                .setSequence(sequence)
                .setCpuBusy(0.5)
                .setProcessors(4)
                .setPaging(PagingRates.newBuilder()
                        .setLoadedPerSecond(rate)
                        .setEvictedPerSecond(rate)
                        .setTotalPages(23_936))
                .addReplicas(s3ml.wire.fleet.ReplicaReport.newBuilder()
                        .setReplica("r1")
                        .setModel("detector")
                        .setArrivalsPerSecond(5)
                        .setLatencyP99Nanos(400_000_000))
                .build();
    }

    private static void awaitWeightBelow(ControlPlane plane, String host, double weight) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (plane.last().weights().of(host).orElseThrow().weight() >= weight) {
            assertThat(System.nanoTime()).as("within 20 s").isLessThan(deadline);
            Thread.sleep(10);
        }
    }

    @Test
    void a_report_of_paging_lowers_the_weight_of_its_host_and_the_console_says_why() throws Exception {
        try (ControlPlane plane = start()) {
            ManagedChannel channel = channel(plane, "h1");
            Replies replies = new Replies();
            StreamObserver<HostReport> reports = FleetGrpc.newStub(channel).report(replies);
            reports.onNext(paging(1, 20_000));
            ReportReply reply = replies.received.poll(10, TimeUnit.SECONDS);
            awaitWeightBelow(plane, "h1", 1);
            StringWriter text = new StringWriter();
            int status = ControlMain.commandLine()
                    .setOut(new PrintWriter(text, true))
                    .execute(
                            "explain",
                            "--control=127.0.0.1:" + plane.agentPort(),
                            "--ca=" + keys.resolve("control.crt"),
                            "--certificate=" + keys.resolve("h1.crt"),
                            "--key=" + keys.resolve("h1.key"),
                            "h1");
            channel.shutdownNow();

            assertThat(reply).isNotNull();
            assertThat(Optional.ofNullable(reply).orElseThrow().getSequence()).isEqualTo(1);
            assertThat(plane.last().weights().of("h1").orElseThrow().weight()).isLessThan(1);
            assertThat(plane.last().weights().of("h2").orElseThrow().weight()).isEqualTo(1);
            assertThat(status).isZero();
            assertThat(text.toString())
                    .containsPattern("h1: weight 0\\.\\d+")
                    .contains("because paging 20000 pages/s is over the threshold of 1500");
        }
    }

    @Test
    void a_real_agent_reports_the_counters_of_its_host_until_the_weight_falls() throws Exception {
        Path counters = Files.createDirectories(keys.resolve("parameters"));
        Files.writeString(counters.resolve("sgx_nr_total_epc_pages"), "23936\n");
        Files.writeString(counters.resolve("sgx_nr_free_pages"), "32\n");
        count(counters, 0);
        try (ControlPlane plane = start()) {
            Process agent = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            "s3ml.agent.AgentMain",
                            "--emulated=" + counters,
                            "--interval-millis=100",
                            "--control=127.0.0.1:" + plane.agentPort(),
                            "--ca=" + keys.resolve("control.crt"),
                            "--certificate=" + keys.resolve("h1.crt"),
                            "--key=" + keys.resolve("h1.key"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try {
                long counted = 0;
                long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
                while (plane.last().weights().of("h1").orElseThrow().weight() == 1
                        && System.nanoTime() - deadline < 0) {
                    Thread.sleep(100);
                    counted += 3000;
                    count(counters, counted);
                }

                assertThat(plane.last().weights().of("h1").orElseThrow().weight())
                        .isLessThan(1);
                assertThat(plane.last().weights().of("h2").orElseThrow().weight())
                        .isEqualTo(1);
            } finally {
                agent.destroy();
            }
            assertThat(agent.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static void count(Path counters, long pages) throws Exception {
        Files.writeString(counters.resolve("sgx_loaded_back"), pages + "\n");
        Files.writeString(counters.resolve("sgx_nr_evicted"), pages + "\n");
    }

    @Test
    void a_peer_that_is_no_host_of_the_fleet_may_not_report() throws Exception {
        try (ControlPlane plane = start()) {
            ManagedChannel channel = channel(plane, "stranger");
            Replies replies = new Replies();
            FleetGrpc.newStub(channel).report(replies).onNext(paging(1, 0));
            Throwable failure = replies.failed.poll(10, TimeUnit.SECONDS);
            channel.shutdownNow();

            assertThat(failure).isInstanceOf(StatusRuntimeException.class);
            assertThat(Status.fromThrowable(Optional.ofNullable(failure).orElseThrow())
                            .getCode())
                    .isEqualTo(Status.Code.PERMISSION_DENIED);
        }
    }

    @Test
    void a_peer_without_a_trusted_certificate_does_not_get_in() throws Exception {
        try (ControlPlane plane = start()) {
            ManagedChannel channel = channel(plane, "h2");
            Replies replies = new Replies();
            FleetGrpc.newStub(channel).report(replies).onNext(paging(1, 0));
            Throwable failure = replies.failed.poll(10, TimeUnit.SECONDS);
            channel.shutdownNow();

            assertThat(Status.fromThrowable(Optional.ofNullable(failure).orElseThrow())
                            .getCode())
                    .isEqualTo(Status.Code.UNAVAILABLE);
        }
    }

    @Test
    void all_faults_of_a_configuration_are_told_at_once() {
        String wrong = CONFIG.replace("\"r2\"", "\"r1\"").replace("7002", "0").replace("60,", "0,");

        assertThatThrownBy(() -> ConfigFile.parse(wrong))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("CTL-101")
                .hasMessageContaining("serviceTime")
                .hasMessageContaining("replica \"r1\" has no name or is given twice")
                .hasMessageContaining("no address or port");
    }

    @Test
    void a_replica_is_given_by_an_ip_address_of_either_family_and_not_by_a_name() {
        assertThat(ConfigFile.parse(CONFIG.replace("127.0.0.1", "2001:db8::7"))).isNotNull();
        assertThatThrownBy(() -> ConfigFile.parse(CONFIG.replace("127.0.0.1", "replica.example")))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("replica r1: \"replica.example\" is no IP address");
    }

    @Test
    void an_unknown_key_is_refused() {
        assertThatThrownBy(() -> ConfigFile.parse("{\"tickMilis\": 100}"))
                .isInstanceOf(FleetException.class)
                .hasMessageContaining("tickMilis");
    }

    @Test
    void one_control_plane_holds_the_lease_and_the_next_gets_it_when_it_ends() throws Exception {
        Path file = keys.resolve("lease");
        LeaderLease first = LeaderLease.tryAcquire(file).orElseThrow();

        assertThat(LeaderLease.tryAcquire(file)).isEmpty();
        first.close();
        try (LeaderLease next = LeaderLease.acquire(file)) {
            assertThat(next).isNotNull();
        }
    }
}
