package s3ml.control;

import io.envoyproxy.controlplane.server.V3DiscoveryServer;
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
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import s3ml.policy.FleetException;
import s3ml.wire.fleet.FleetConfig;

/// A running control plane: a port for agents and consoles over mutual TLS, one on loopback for Envoy, and the ticks.
final class ControlPlane implements AutoCloseable {
    private static final int DEFAULT_TICK_MILLIS = 1000;
    private static final int SHORTEST_TICK_MILLIS = 100;

    private final Server agents;
    private final Server xds;
    private final ControlLoop loop;
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("ticks").factory());

    /// Mutual TLS of the agents' port.
    ///
    /// @param certificate PEM chain
    /// @param key PEM private key, PKCS#8
    /// @param clients PEM authorities of the agents' and consoles' certificates
    record Tls(Path certificate, Path key, Path clients) {}

    /// Ports; 0 lets the system choose.
    ///
    /// @param bind address of the agents' port
    /// @param agents for agents and consoles
    /// @param xds for Envoy, on loopback
    record Ports(String bind, int agents, int xds) {}

    private ControlPlane(Server agents, Server xds, ControlLoop loop) {
        this.agents = agents;
        this.xds = xds;
        this.loop = loop;
    }

    static ControlPlane start(FleetConfig config, Tls tls, Ports ports, InstantSource clock) throws IOException {
        int tickMillis = config.getTickMillis() == 0
                ? DEFAULT_TICK_MILLIS
                : Math.max(SHORTEST_TICK_MILLIS, config.getTickMillis());
        Set<String> hosts = new HashSet<>();
        config.getHostsList().forEach(host -> hosts.add(host.getName()));
        ReportInbox inbox = new ReportInbox(hosts, clock, tickMillis);
        EnvoySnapshots envoy = new EnvoySnapshots(config, clock.millis());
        ControlLoop loop = new ControlLoop(config, inbox, envoy, clock);
        // Before the first Envoy asks there must be an answer.
        loop.tick();
        Server agents = NettyServerBuilder.forAddress(
                        new InetSocketAddress(ports.bind(), ports.agents()), credentials(tls))
                .addService(ServerInterceptors.intercept(inbox, ReportInbox.peerName()))
                .addService(new Explaining(loop))
                .build()
                .start();
        V3DiscoveryServer discovery = new V3DiscoveryServer(envoy.cache());
        Server xds = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.xds()),
                        InsecureServerCredentials.create())
                .addService(discovery.getAggregatedDiscoveryServiceImpl())
                .build()
                .start();
        ControlPlane plane = new ControlPlane(agents, xds, loop);
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
        } catch (RuntimeException failed) {
            // An exception would end the schedule; Envoy keeps the last weights, and the next tick tries again.
            System.err.println("control plane: a tick failed: " + failed);
        }
    }

    int agentPort() {
        return agents.getPort();
    }

    int xdsPort() {
        return xds.getPort();
    }

    ControlLoop.Decided last() {
        return loop.last();
    }

    @Override
    public void close() {
        ticks.shutdownNow();
        xds.shutdownNow();
        agents.shutdownNow();
    }
}
