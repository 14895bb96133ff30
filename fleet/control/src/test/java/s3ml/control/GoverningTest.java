package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.FleetGrpc;
import s3ml.wire.fleet.GovernorGrpc;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.HostExplanation;
import s3ml.wire.fleet.HostReport;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.PagingRates;
import s3ml.wire.fleet.ReplicaConfig;
import s3ml.wire.fleet.ReplicaReport;
import s3ml.wire.fleet.ReportReply;
import s3ml.wire.fleet.Scrape;

final class GoverningTest {
    @TempDir
    static Path keys = Path.of("");

    private final List<ManagedChannel> channels = new ArrayList<>();
    private ControlPlane plane;

    @BeforeAll
    static void makeKeys() throws Exception {
        StringBuilder clients = new StringBuilder();
        for (String name : new String[] {"control", "governor", "agents", "envoy"}) {
            TestKeys.make(keys, name);
            clients.append(Files.readString(keys.resolve(name + ".crt")));
        }
        Files.writeString(keys.resolve("clients.crt"), clients);
    }

    @BeforeEach
    void start() throws IOException {
        plane = ControlPlane.start(
                new ControlPlane.Fleet(
                        FleetConfig.newBuilder().setTickMillis(100).build()),
                new ControlPlane.Peers(Optional.of("governor"), Optional.of("agents")),
                new ControlPlane.Tls(
                        keys.resolve("control.crt"), keys.resolve("control.key"), keys.resolve("clients.crt")),
                new ControlPlane.Ports("127.0.0.1", 0, "0.0.0.0", 0),
                InstantSource.system());
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        plane.close();
    }

    private ManagedChannel channel(int port, ChannelCredentials credentials) {
        ManagedChannel channel =
                Grpc.newChannelBuilder("127.0.0.1:" + port, credentials).build();
        channels.add(channel);
        return channel;
    }

    private static ChannelCredentials as(String name) throws IOException {
        return TlsChannelCredentials.newBuilder()
                .keyManager(
                        keys.resolve(name + ".crt").toFile(),
                        keys.resolve(name + ".key").toFile())
                .trustManager(keys.resolve("control.crt").toFile())
                .build();
    }

    /// What came back on a stream.
    private static final class Answers<T> implements StreamObserver<T> {
        private final BlockingQueue<T> received = new LinkedBlockingQueue<>();
        private final BlockingQueue<Status.Code> ended = new LinkedBlockingQueue<>();

        @Override
        public void onNext(T message) {
            received.add(message);
        }

        @Override
        public void onError(Throwable failure) {
            ended.add(Status.fromThrowable(failure).getCode());
        }

        @Override
        public void onCompleted() {
            ended.add(Status.Code.OK);
        }

        private T await(Predicate<T> wanted) throws InterruptedException {
            T message = received.poll(10, TimeUnit.SECONDS);
            while (message != null && !wanted.test(message)) {
                message = received.poll(10, TimeUnit.SECONDS);
            }
            return Optional.ofNullable(message).orElseThrow(() -> new AssertionError("nothing of the kind came"));
        }

        private Status.Code end() throws InterruptedException {
            return Optional.ofNullable(ended.poll(10, TimeUnit.SECONDS))
                    .orElseThrow(() -> new AssertionError("the stream has not ended"));
        }
    }

    private StreamObserver<FleetConfig> govern(String name, Answers<Explanation> decisions) throws IOException {
        return GovernorGrpc.newStub(channel(plane.agentPort(), as(name))).govern(decisions);
    }

    private StreamObserver<HostReport> report(Answers<ReportReply> replies) throws IOException {
        return FleetGrpc.newStub(channel(plane.agentPort(), as("agents"))).report(replies);
    }

    private static HostConfig host(String name, ReplicaConfig.Phase... phases) {
        HostConfig.Builder host = HostConfig.newBuilder().setName(name);
        for (int i = 0; i < phases.length; i++) {
            host.addReplicas(ReplicaConfig.newBuilder()
                    .setName(name + "-" + i)
                    .setModel("detector")
                    .setAddress("127.0.0.1")
                    .setPort(7001)
                    .setRestPort(7002)
                    .setMetricsPort(7003)
                    .setPhase(phases[i]));
        }
        return host.build();
    }

    private static FleetConfig fleet(HostConfig... hosts) {
        return FleetConfig.newBuilder()
                .addModels(ModelConfig.newBuilder()
                        .setName("detector")
                        .setObjectiveMillis(200)
                        .setServiceMillis(60)
                        .setWorkingSetPages(9000)
                        .setPagingThreshold(1500)
                        .setListenerPort(20_000)
                        .setRestListenerPort(20_001))
                .addAllHosts(List.of(hosts))
                .build();
    }

    private static HostReport paging(String host, double rate) {
        return HostReport.newBuilder()
                .setSequence(1)
                .setHost(host)
                .setCpuBusy(0.5)
                .setProcessors(4)
                .setPaging(PagingRates.newBuilder()
                        .setLoadedPerSecond(rate)
                        .setEvictedPerSecond(rate)
                        .setTotalPages(23_936))
                .addReplicas(ReplicaReport.newBuilder()
                        .setReplica(host + "-0")
                        .setModel("detector")
                        .setArrivalsPerSecond(5)
                        .setLatencyP99Nanos(400_000_000))
                .build();
    }

    private static double weight(Explanation explanation, String host) {
        return explanation.getHostsList().stream()
                .filter(candidate -> candidate.getHost().equals(host))
                .mapToDouble(HostExplanation::getWeight)
                .findFirst()
                .orElse(-1);
    }

    @Test
    void the_governor_is_told_what_each_tick_decides_about_its_fleet() throws Exception {
        Answers<Explanation> decisions = new Answers<>();
        StreamObserver<FleetConfig> governor = govern("governor", decisions);
        governor.onNext(fleet(host("n1", ReplicaConfig.Phase.SERVING), host("n2", ReplicaConfig.Phase.SERVING)));
        decisions.await(explanation -> weight(explanation, "n1") == 1);

        report(new Answers<>()).onNext(paging("n1", 20_000));

        Explanation fallen = decisions.await(explanation -> weight(explanation, "n1") < 1);
        assertThat(weight(fallen, "n2")).isEqualTo(1);
        assertThat(fallen.getModelsList())
                .singleElement()
                .satisfies(model -> assertThat(model.getModel()).isEqualTo("detector"));
    }

    @Test
    void nobody_but_the_governor_may_govern() throws Exception {
        Answers<Explanation> decisions = new Answers<>();

        govern("agents", decisions).onNext(fleet(host("n1", ReplicaConfig.Phase.SERVING)));

        assertThat(decisions.end()).isEqualTo(Status.Code.PERMISSION_DENIED);
        assertThat(plane.last().weights().hosts()).isEmpty();
    }

    @Test
    void what_is_known_of_a_host_outlives_a_change_of_the_fleet() throws Exception {
        Answers<Explanation> decisions = new Answers<>();
        StreamObserver<FleetConfig> governor = govern("governor", decisions);
        HostConfig first = host("n1", ReplicaConfig.Phase.SERVING);
        governor.onNext(fleet(first, host("n2", ReplicaConfig.Phase.SERVING)));
        report(new Answers<>()).onNext(paging("n1", 20_000));
        double before = weight(
                decisions.await(explanation -> weight(explanation, "n1") >= 0 && weight(explanation, "n1") < 1), "n1");

        governor.onNext(fleet(first, host("n3", ReplicaConfig.Phase.SERVING)));

        Explanation after = decisions.await(explanation -> weight(explanation, "n3") >= 0);
        assertThat(weight(after, "n1")).isLessThanOrEqualTo(before);
        assertThat(weight(after, "n2")).isEqualTo(-1);
    }

    @Test
    void a_fleet_with_faults_changes_nothing() throws Exception {
        Answers<Explanation> decisions = new Answers<>();
        StreamObserver<FleetConfig> governor = govern("governor", decisions);
        governor.onNext(fleet(host("n1", ReplicaConfig.Phase.SERVING)));
        decisions.await(explanation -> weight(explanation, "n1") == 1);

        governor.onNext(fleet(host("n2", ReplicaConfig.Phase.SERVING), host("n2", ReplicaConfig.Phase.SERVING)));

        assertThat(decisions.end()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(plane.last().weights().hosts()).containsOnlyKeys("n1");
    }

    @Test
    void of_two_governors_the_newer_one_governs() throws Exception {
        Answers<Explanation> old = new Answers<>();
        Answers<Explanation> fresh = new Answers<>();
        govern("governor", old).onNext(fleet(host("n1", ReplicaConfig.Phase.SERVING)));
        old.await(explanation -> weight(explanation, "n1") == 1);

        govern("governor", fresh).onNext(fleet(host("n2", ReplicaConfig.Phase.SERVING)));

        fresh.await(explanation -> weight(explanation, "n2") >= 0);
        assertThat(old.end()).isEqualTo(Status.Code.ABORTED);
    }

    @Test
    void a_replica_that_ends_counts_no_longer_and_one_that_starts_counts_already() throws Exception {
        Answers<Explanation> decisions = new Answers<>();

        govern("governor", decisions)
                .onNext(fleet(host(
                        "n1", ReplicaConfig.Phase.SERVING, ReplicaConfig.Phase.STARTING, ReplicaConfig.Phase.ENDING)));

        Explanation explanation = decisions.await(candidate -> weight(candidate, "n1") >= 0);
        assertThat(explanation.getHosts(0).getReplicasList())
                .extracting(s3ml.wire.fleet.ReplicaWeight::getReplica)
                .containsExactly("n1-0", "n1-1");
    }

    @Test
    void an_agent_is_told_which_replicas_of_its_host_to_read_and_their_shares() throws Exception {
        Answers<Explanation> decisions = new Answers<>();
        govern("governor", decisions)
                .onNext(fleet(host("n1", ReplicaConfig.Phase.SERVING), host("n2", ReplicaConfig.Phase.SERVING)));
        decisions.await(explanation -> weight(explanation, "n2") >= 0);
        Answers<ReportReply> replies = new Answers<>();

        report(replies).onNext(paging("n2", 0));

        assertThat(replies.await(reply -> true).getScrapesList())
                .containsExactly(Scrape.newBuilder()
                        .setReplica("n2-0")
                        .setModel("detector")
                        .setAddress("127.0.0.1")
                        .setPort(7003)
                        .setShare(500_000)
                        .build());
    }

    @Test
    void a_host_without_replicas_belongs_to_the_fleet_while_it_reports() throws Exception {
        Answers<Explanation> decisions = new Answers<>();
        govern("governor", decisions).onNext(fleet(host("n1", ReplicaConfig.Phase.SERVING)));

        report(new Answers<>()).onNext(paging("empty", 0));

        decisions.await(explanation -> weight(explanation, "empty") >= 0 && weight(explanation, "n1") >= 0);
    }

    @Test
    void Envoy_gets_nothing_before_the_first_fleet_and_nothing_without_a_certificate() throws Exception {
        Answers<DiscoveryResponse> refused = new Answers<>();
        Answers<DiscoveryResponse> answers = new Answers<>();
        discover(InsecureChannelCredentials.create(), refused);
        discover(as("envoy"), answers);
        assertThat(refused.end()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(answers.received.poll(500, TimeUnit.MILLISECONDS)).isNull();

        govern("governor", new Answers<>()).onNext(fleet(host("n1", ReplicaConfig.Phase.SERVING)));

        assertThat(answers.await(response -> true).getResourcesList()).hasSize(2);
    }

    private void discover(ChannelCredentials credentials, Answers<DiscoveryResponse> answers) {
        AggregatedDiscoveryServiceGrpc.newStub(channel(plane.xdsPort(), credentials))
                .streamAggregatedResources(answers)
                .onNext(DiscoveryRequest.newBuilder()
                        .setNode(io.envoyproxy.envoy.config.core.v3.Node.newBuilder()
                                .setId("test"))
                        .setTypeUrl("type.googleapis.com/envoy.config.cluster.v3.Cluster")
                        .build());
    }
}
