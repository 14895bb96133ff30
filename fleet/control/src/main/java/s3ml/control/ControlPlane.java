package s3ml.control;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptors;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import s3ml.policy.FleetException;
import s3ml.policy.ScaleDecision;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.FleetConfig;

/// A running control plane: a port for agents, consoles and the governor over mutual TLS, one for data planes (xDS),
/// and the ticks.
final class ControlPlane implements AutoCloseable {
    private static final int DEFAULT_TICK_MILLIS = 1000;
    private static final int SHORTEST_TICK_MILLIS = 100;
    /// Peers ask whether the machine at the other end still lives; the default would be to hang up on them.
    private static final int SHORTEST_KEEP_ALIVE_SECONDS = 5;

    private final Server agents;
    private final Server xds;
    private final ControlLoop loop;
    private final Governing governing;
    private final Optional<LocalReplicas> replicas;
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("ticks").factory());

    /// Mutual TLS.
    ///
    /// @param certificate PEM chain
    /// @param key PEM private key, PKCS#8
    /// @param clients PEM authorities of the certificates of agents, consoles, governor and data planes
    record Tls(Path certificate, Path key, Path clients) {}

    /// Addresses; port 0 lets the system choose.
    ///
    /// @param bind address of the agents' port
    /// @param agents for agents, consoles and the governor
    /// @param xdsBind address of the port for data planes; without TLS on loopback, with mutual TLS on any other
    /// @param xds for data planes: Envoy, gRPC clients
    record Ports(String bind, int agents, String xdsBind, int xds) {
        /// Data planes on loopback.
        Ports(String bind, int agents, int xds) {
            this(bind, agents, "127.0.0.1", xds);
        }
    }

    /// What the common names of certificates allow.
    ///
    /// @param governor who may govern; empty: nobody
    /// @param agents the name of a certificate that agents share; empty: each agent has its own, which names its host
    record Peers(Optional<String> governor, Optional<String> agents) {
        static final Peers HOSTS = new Peers(Optional.empty(), Optional.empty());
    }

    /// The fleet at the start.
    ///
    /// @param config without faults
    /// @param replicas who starts and ends replicas; empty: somebody else does, or nobody
    record Fleet(FleetConfig config, Optional<LocalReplicas> replicas) {
        /// A fleet that stays as it is, or that a governor knows.
        Fleet(FleetConfig config) {
            this(config, Optional.empty());
        }
    }

    private ControlPlane(
            Server agents, Server xds, ControlLoop loop, Governing governing, Optional<LocalReplicas> replicas) {
        this.agents = agents;
        this.xds = xds;
        this.loop = loop;
        this.governing = governing;
        this.replicas = replicas;
    }

    /// A control plane of a fleet that stays as it is.
    static ControlPlane start(FleetConfig config, Tls tls, Ports ports, InstantSource clock) throws IOException {
        return start(new Fleet(config), Peers.HOSTS, tls, ports, clock);
    }

    /// @param fleet with a governor only its tick counts, and the fleet is unknown until that one comes
    static ControlPlane start(Fleet fleet, Peers peers, Tls tls, Ports ports, InstantSource clock) throws IOException {
        FleetConfig config = fleet.config();
        int tickMillis = config.getTickMillis() == 0
                ? DEFAULT_TICK_MILLIS
                : Math.max(SHORTEST_TICK_MILLIS, config.getTickMillis());
        ReportInbox inbox = new ReportInbox(peers.agents(), clock, tickMillis);
        XdsSnapshots snapshots = new XdsSnapshots(clock.millis());
        ControlLoop loop = new ControlLoop(inbox, snapshots, clock);
        Governing governing = new Governing(peers.governor(), loop);
        if (peers.governor().isEmpty()) {
            loop.govern(fleet.replicas()
                    .map(replicas -> replicas.follow(ScaleDecision.none()))
                    .orElse(config));
            // Before the first data plane asks there must be an answer.
            loop.tick();
        }
        ServerCredentials credentials = credentials(tls);
        Server agents = NettyServerBuilder.forAddress(new InetSocketAddress(ports.bind(), ports.agents()), credentials)
                .addService(inbox.service())
                .addService(ServerInterceptors.intercept(governing, new PeerName()))
                .addService(new Explaining(loop))
                .permitKeepAliveTime(SHORTEST_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .build()
                .start();
        InetAddress xdsAddress = InetAddress.getByName(ports.xdsBind());
        Server xds = NettyServerBuilder.forAddress(
                        new InetSocketAddress(xdsAddress, ports.xds()),
                        xdsAddress.isLoopbackAddress() ? InsecureServerCredentials.create() : credentials)
                .addService(snapshots.discovery())
                .permitKeepAliveTime(SHORTEST_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .build()
                .start();
        ControlPlane plane = new ControlPlane(agents, xds, loop, governing, fleet.replicas());
        ScheduledFuture<?> unused =
                plane.ticks.scheduleAtFixedRate(plane::tick, tickMillis, tickMillis, TimeUnit.MILLISECONDS);
        return plane;
    }

    private static ServerCredentials credentials(Tls tls) {
        try {
            return TlsServerCredentials.newBuilder()
                    .keyManager(tls.certificate().toFile(), tls.key().toFile())
                    .trustManager(tls.clients().toFile())
                    .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                    .build();
        } catch (IOException | RuntimeException unusable) {
            throw new FleetException(
                    "CTL-103",
                    "cannot use the control plane's TLS files",
                    String.valueOf(unusable.getMessage()),
                    "give PEM files that can be read: --certificate, --key (PKCS#8), --clients",
                    unusable);
        }
    }

    private void tick() {
        try {
            loop.tick();
            replicas.ifPresent(each -> loop.govern(each.follow(loop.last().scale())));
            governing.tell(loop.last());
        } catch (RuntimeException failed) {
            // An exception would end the schedule; data planes keep the last weights, and the next tick tries again.
            System.err.println("control plane: a tick failed: " + failed);
        }
    }

    int agentPort() {
        return agents.getPort();
    }

    int xdsPort() {
        return xds.getPort();
    }

    /// What was decided last, and from which reports.
    Explanation explain() {
        return Explaining.explain(loop.last(), "");
    }

    ControlLoop.Decided last() {
        return loop.last();
    }

    @Override
    public void close() {
        // Waits for the tick under way: it may be starting a replica.
        ticks.close();
        replicas.ifPresent(LocalReplicas::close);
        xds.shutdownNow();
        agents.shutdownNow();
    }
}
