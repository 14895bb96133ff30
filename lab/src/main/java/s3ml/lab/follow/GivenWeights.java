package s3ml.lab.follow;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import s3ml.control.ReportInbox;
import s3ml.control.XdsSnapshots;
import s3ml.lab.emulated.FleetKeys;
import s3ml.wire.fleet.FleetConfig;

/// The sides of a control plane that Envoy and agents see, with weights that are given to it: a policy would let a
/// weight fall in steps of seconds, and it could not be told what it took to follow one of them. Thread-safe.
final class GivenWeights implements AutoCloseable {
    /// As long as a control plane's by default.
    private static final int TICK_MILLIS = 1000;

    private final XdsSnapshots snapshots =
            new XdsSnapshots(InstantSource.system().millis());
    private final ReportInbox inbox = new ReportInbox(Optional.empty(), InstantSource.system(), TICK_MILLIS);
    private final Server xds;
    private final Server agents;

    /// @param keys of the control plane, and of the agents that may report to it
    GivenWeights(FleetConfig fleet, Map<String, Integer> weights, FleetKeys keys) throws IOException {
        change(fleet, weights);
        xds = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .addService(snapshots.discovery())
                .build()
                .start();
        ServerCredentials mutual = TlsServerCredentials.newBuilder()
                .keyManager(
                        keys.certificate(FleetKeys.CONTROL).toFile(),
                        keys.key(FleetKeys.CONTROL).toFile())
                .trustManager(keys.agents().toFile())
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                .build();
        agents = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), mutual)
                .addService(inbox.service())
                .build()
                .start();
    }

    /// Tells Envoy from now on, and agents with the answer to their next report.
    ///
    /// @param weights by replica, 0 to 1000
    void change(FleetConfig fleet, Map<String, Integer> weights) {
        snapshots.follow(fleet);
        snapshots.publish(weights);
        inbox.follow(fleet);
        inbox.decided(weights);
    }

    int xdsPort() {
        return xds.getPort();
    }

    int agentPort() {
        return agents.getPort();
    }

    @Override
    public void close() {
        agents.shutdownNow();
        xds.shutdownNow();
    }
}
