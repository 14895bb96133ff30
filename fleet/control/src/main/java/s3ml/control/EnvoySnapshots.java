package s3ml.control;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.HealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// Turns weights into what Envoy fetches: a cluster per model with its endpoints (EDS), and a TCP listener, since TLS
/// ends
/// in the enclave. All of it comes over one aggregated stream (ADS). Thread-safe.
final class EnvoySnapshots {
    /// All Envoys get the same.
    private static final String GROUP = "s3ml";

    private final SimpleCache<String> cache = new SimpleCache<>(node -> GROUP);
    private final FleetConfig config;
    private final List<Cluster> clusters = new ArrayList<>();
    private final List<Listener> listeners = new ArrayList<>();
    private final long began;
    private long version;
    private Map<String, Integer> published = Map.of();

    /// @param began part of the versions, so that those of a restarted control plane are new
    EnvoySnapshots(FleetConfig config, long began) {
        this.config = config;
        this.began = began;
        for (ModelConfig model : config.getModelsList()) {
            clusters.add(cluster(model.getName()));
            if (model.getListenerPort() > 0) {
                listeners.add(listener(model));
            }
        }
    }

    SimpleCache<String> cache() {
        return cache;
    }

    /// Publishes weights per replica; what has not changed is not sent again.
    synchronized void publish(Map<String, Integer> weights) {
        if (weights.equals(published)) {
            return;
        }
        published = Map.copyOf(weights);
        String endpoints = began + "." + ++version;
        String fixed = Long.toString(began);
        List<ClusterLoadAssignment> assignments = new ArrayList<>();
        config.getModelsList().forEach(model -> assignments.add(assignment(model.getName(), weights)));
        cache.setSnapshot(
                GROUP,
                Snapshot.create(
                        clusters, fixed, assignments, endpoints, listeners, fixed, List.of(), fixed, List.of(), fixed));
    }

    private ClusterLoadAssignment assignment(String model, Map<String, Integer> weights) {
        LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder();
        for (HostConfig host : config.getHostsList()) {
            for (ReplicaConfig replica : host.getReplicasList()) {
                if (replica.getModel().equals(model)) {
                    locality.addLbEndpoints(endpoint(replica, weights.getOrDefault(replica.getName(), 1)));
                }
            }
        }
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(model)
                .addEndpoints(locality)
                .build();
    }

    /// A parked replica drains: it keeps its connections and gets no new ones.
    private static LbEndpoint endpoint(ReplicaConfig replica, int weight) {
        return LbEndpoint.newBuilder()
                .setEndpoint(Endpoint.newBuilder().setAddress(address(replica.getAddress(), replica.getPort())))
                .setHealthStatus(weight == 0 ? HealthStatus.DRAINING : HealthStatus.UNKNOWN)
                .setLoadBalancingWeight(UInt32Value.of(Math.max(1, weight)))
                .build();
    }

    private static Address address(String address, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
                .build();
    }

    private static Cluster cluster(String model) {
        Duration often = Durations.fromMillis(500);
        return Cluster.newBuilder()
                .setName(model)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ads()))
                .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN)
                .setConnectTimeout(Durations.fromSeconds(1))
                // Without its own interval a cluster that has no traffic is checked once a minute, and a dead replica
                // gets its share until then.
                .addHealthChecks(HealthCheck.newBuilder()
                        .setTimeout(Durations.fromSeconds(1))
                        .setInterval(often)
                        .setNoTrafficInterval(often)
                        .setHealthyThreshold(UInt32Value.of(1))
                        .setUnhealthyThreshold(UInt32Value.of(2))
                        .setTcpHealthCheck(HealthCheck.TcpHealthCheck.getDefaultInstance()))
                .build();
    }

    private static Listener listener(ModelConfig model) {
        TcpProxy proxy = TcpProxy.newBuilder()
                .setStatPrefix(model.getName())
                .setCluster(model.getName())
                .build();
        return Listener.newBuilder()
                .setName(model.getName())
                .setAddress(address("127.0.0.1", model.getListenerPort()))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.tcp_proxy")
                                .setTypedConfig(Any.pack(proxy))))
                .build();
    }

    private static ConfigSource ads() {
        return ConfigSource.newBuilder()
                .setAds(AggregatedConfigSource.getDefaultInstance())
                .setResourceApiVersion(ApiVersion.V3)
                .build();
    }
}
