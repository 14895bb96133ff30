package s3ml.lab.follow;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.Map;
import s3ml.control.XdsSnapshots;
import s3ml.wire.fleet.FleetConfig;

/// The side of a control plane that Envoy sees, with weights that are given to it: a policy would let a weight fall in
/// steps of seconds, and it could not be told what it took to follow one of them. Thread-safe.
final class GivenWeights implements AutoCloseable {
    private final XdsSnapshots snapshots =
            new XdsSnapshots(InstantSource.system().millis());
    private final Server server;

    GivenWeights(FleetConfig fleet, Map<String, Integer> weights) throws IOException {
        change(fleet, weights);
        server = NettyServerBuilder.forAddress(
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), InsecureServerCredentials.create())
                .addService(snapshots.discovery())
                .build()
                .start();
    }

    /// Tells Envoy from now on.
    ///
    /// @param weights by replica, 0 to 1000
    void change(FleetConfig fleet, Map<String, Integer> weights) {
        snapshots.follow(fleet);
        snapshots.publish(weights);
    }

    int xdsPort() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
