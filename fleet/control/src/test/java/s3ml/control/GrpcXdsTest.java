package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.Gson;
import com.google.gson.reflect.TypeToken;
import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolverRegistry;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.grpc.xds.XdsNameResolverProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;
import s3ml.wire.fleet.ReplicaConfig.Phase;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ServerLiveRequest;
import s3ml.wire.inference.ServerLiveResponse;

/// Real gRPC clients that balance by themselves, under the control plane's weights. They are set up by the bootstrap in
/// docs/paging.md; only its port is another. A call that fails fails the test.
final class GrpcXdsTest {
    private static final Pattern BOOTSTRAP = Pattern.compile("(?s)```json\n(\\{\\s*\"xds_servers\".*?)```");
    /// As `xds`, but its own: the bootstrap of that scheme is fixed for the life of the process.
    private static final String SCHEME = "xds-test";
    private static final long DEADLINE_SECONDS = 30;

    @TempDir
    private Path keys = Path.of("");

    private final XdsSnapshots snapshots =
            new XdsSnapshots(InstantSource.system().millis());
    private final List<Replica> replicas = new ArrayList<>();
    private final List<Server> servers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private Server discovery;
    private XdsNameResolverProvider resolver;

    /// A server of the Open Inference Protocol that counts calls.
    private static final class Replica extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
        private final AtomicInteger calls = new AtomicInteger();

        @Override
        public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> response) {
            calls.incrementAndGet();
            response.onNext(ServerLiveResponse.newBuilder().setLive(true).build());
            response.onCompleted();
        }
    }

    @BeforeEach
    void startDiscovery() throws IOException {
        discovery = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .addService(snapshots.discovery())
                .build()
                .start();
        resolver = XdsNameResolverProvider.createForTest(SCHEME, documentedBootstrap(discovery.getPort()));
        NameResolverRegistry.getDefaultRegistry().register(resolver);
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        NameResolverRegistry.getDefaultRegistry().deregister(resolver);
        servers.forEach(Server::shutdownNow);
        discovery.shutdownNow();
    }

    private static Map<String, ?> documentedBootstrap(int port) throws IOException {
        Matcher bootstrap = BOOTSTRAP.matcher(Files.readString(Path.of("../../docs/paging.md")));
        assertThat(bootstrap.find()).isTrue();
        String here = bootstrap.group(1).replace("127.0.0.1:18000", "127.0.0.1:" + port);
        return new Gson().fromJson(here, new TypeToken<Map<String, ?>>() {});
    }

    private void startReplicas(int count, ServerCredentials credentials) throws IOException {
        for (int i = 0; i < count; i++) {
            Replica replica = new Replica();
            replicas.add(replica);
            servers.add(NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials)
                    .addService(replica)
                    .build()
                    .start());
        }
    }

    /// Replica `rN` on host `hN`, the first of them `r1`; the model has no port at Envoy.
    private FleetConfig fleet(Phase... phases) {
        FleetConfig.Builder fleet =
                FleetConfig.newBuilder().addModels(ModelConfig.newBuilder().setName("detector"));
        for (int i = 0; i < phases.length; i++) {
            fleet.addHosts(HostConfig.newBuilder()
                    .setName("h" + (i + 1))
                    .addReplicas(ReplicaConfig.newBuilder()
                            .setName("r" + (i + 1))
                            .setModel("detector")
                            .setAddress("127.0.0.1")
                            .setPort(servers.get(i).getPort())
                            .setPhase(phases[i])));
        }
        return fleet.build();
    }

    private static ManagedChannelBuilder<?> channel(ChannelCredentials credentials) {
        return Grpc.newChannelBuilder(SCHEME + ":///detector", credentials);
    }

    private ManagedChannel kept(ManagedChannel channel) {
        channels.add(channel);
        return channel;
    }

    /// Calls, one after the other.
    ///
    /// @return how many of them each replica got
    private List<Integer> call(ManagedChannel channel, int calls) {
        replicas.forEach(replica -> replica.calls.set(0));
        for (int i = 0; i < calls; i++) {
            GRPCInferenceServiceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .serverLive(ServerLiveRequest.getDefaultInstance());
        }
        return replicas.stream().map(replica -> replica.calls.get()).toList();
    }

    /// Goes on calling until so many calls in a row divide as wanted.
    private void callUntil(ManagedChannel channel, int calls, Predicate<List<Integer>> wanted) {
        long deadline = System.nanoTime() + Duration.ofSeconds(DEADLINE_SECONDS).toNanos();
        List<Integer> divided = call(channel, calls);
        while (!wanted.test(divided)) {
            assertThat(System.nanoTime() - deadline)
                    .as("still divided as " + divided)
                    .isNegative();
            divided = call(channel, calls);
        }
    }

    @Test
    void calls_divide_by_the_weights_and_follow_them_live() throws Exception {
        startReplicas(2, InsecureServerCredentials.create());
        snapshots.follow(fleet(Phase.SERVING, Phase.SERVING));
        snapshots.publish(Map.of("r1", 750, "r2", 250));
        ManagedChannel channel =
                kept(channel(InsecureChannelCredentials.create()).build());

        // Before both are connected, one gets all. After that gRPC draws lots: 60 of 400 are seven standard deviations.
        callUntil(channel, 100, divided -> divided.get(0) > 0 && divided.get(1) > 0);
        assertThat(call(channel, 400).get(1)).isBetween(40, 160);

        snapshots.publish(Map.of("r1", 250, "r2", 750));
        callUntil(channel, 100, divided -> divided.get(1) > 50);
        assertThat(call(channel, 400).get(0)).isBetween(40, 160);

        // Parked.
        snapshots.publish(Map.of("r1", 0, "r2", 1000));
        callUntil(channel, 100, divided -> divided.get(0) == 0);
        assertThat(call(channel, 100)).containsExactly(0, 100);
    }

    @Test
    void a_replica_that_starts_or_ends_gets_no_new_call() throws Exception {
        startReplicas(3, InsecureServerCredentials.create());
        Map<String, Integer> weights = Map.of("r1", 1000, "r2", 1000, "r3", 1000);
        snapshots.follow(fleet(Phase.SERVING, Phase.STARTING, Phase.ENDING));
        snapshots.publish(weights);
        ManagedChannel channel =
                kept(channel(InsecureChannelCredentials.create()).build());

        assertThat(call(channel, 100)).containsExactly(100, 0, 0);

        snapshots.follow(fleet(Phase.ENDING, Phase.SERVING, Phase.ENDING));
        snapshots.publish(weights);
        callUntil(channel, 100, List.of(0, 100, 0)::equals);
    }

    @Test
    void tls_is_the_clients_own_and_the_certificate_has_to_be_for_the_channels_authority() throws Exception {
        TestKeys.make(keys, "server");
        startReplicas(
                1,
                TlsServerCredentials.create(
                        keys.resolve("server.crt").toFile(),
                        keys.resolve("server.key").toFile()));
        snapshots.follow(fleet(Phase.SERVING));
        snapshots.publish(Map.of("r1", 1000));
        ChannelCredentials trusting = TlsChannelCredentials.newBuilder()
                .trustManager(keys.resolve("server.crt").toFile())
                .build();
        ManagedChannel byTarget = kept(channel(trusting).build());
        ManagedChannel byName =
                kept(channel(trusting).overrideAuthority("localhost").build());

        assertThatThrownBy(() -> call(byTarget, 1))
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
        assertThat(call(byName, 10)).containsExactly(10);
    }
}
