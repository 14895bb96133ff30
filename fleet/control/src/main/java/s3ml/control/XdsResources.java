package s3ml.control;

import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// What one kind of data plane is told of a fleet. Stateless.
sealed interface XdsResources permits EnvoyResources, GrpcResources {
    List<Cluster> clusters(FleetConfig fleet);

    List<Listener> listeners(FleetConfig fleet);

    /// Where calls go, and how many of them.
    ///
    /// @param weights by replica, 0 to 1000
    List<ClusterLoadAssignment> endpoints(FleetConfig fleet, Map<String, Integer> weights);

    static Stream<ReplicaConfig> replicas(FleetConfig fleet, ModelConfig model) {
        return fleet.getHostsList().stream()
                .flatMap(host -> host.getReplicasList().stream())
                .filter(replica -> replica.getModel().equals(model.getName()));
    }

    /// The replica's share of what is new, beside those of its model's other replicas; 0: nothing, because it is
    /// parked, ends or has not begun.
    static int weight(ReplicaConfig replica, Map<String, Integer> weights) {
        return replica.getPhase() == ReplicaConfig.Phase.SERVING ? weights.getOrDefault(replica.getName(), 1) : 0;
    }

    static Address address(String address, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
                .build();
    }

    /// A cluster whose endpoints come over the same stream.
    static Cluster.Builder cluster(String name) {
        ConfigSource sameStream = ConfigSource.newBuilder()
                .setAds(AggregatedConfigSource.getDefaultInstance())
                .setResourceApiVersion(ApiVersion.V3)
                .build();
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(sameStream))
                .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN);
    }
}
