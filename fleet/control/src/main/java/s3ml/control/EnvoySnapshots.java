package s3ml.control;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
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
import io.envoyproxy.envoy.type.v3.Percent;
import io.grpc.BindableService;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// Turns weights into what Envoy fetches: per model and protocol a cluster with its endpoints (EDS), and a TCP
/// listener, since TLS ends in the enclave. All of it comes over one aggregated stream (ADS). Thread-safe.
///
/// Before the first fleet is known nothing is published: an Envoy that asks then keeps what it had.
public final class EnvoySnapshots {
    /// All Envoys get the same.
    private static final String GROUP = "s3ml";
    private static final String LOOPBACK = "127.0.0.1";

    private final SimpleCache<String> cache = new SimpleCache<>(node -> GROUP);
    private final long began;
    private List<Cluster> clusters = List.of();
    private List<Listener> listeners = List.of();
    private @Nullable FleetConfig fleet;
    private long fleetVersion;
    private long version;
    private boolean changed;
    private Map<String, Integer> published = Map.of();

    /// @param began part of the versions, so that those of a restarted control plane are new
    public EnvoySnapshots(long began) {
        this.began = began;
    }

    /// One of the two ways to call a model.
    private enum Protocol {
        GRPC {
            @Override
            int port(ReplicaConfig replica) {
                return replica.getPort();
            }

            @Override
            int listener(ModelConfig model) {
                return model.getListenerPort();
            }
        },
        REST {
            @Override
            int port(ReplicaConfig replica) {
                return replica.getRestPort();
            }

            @Override
            int listener(ModelConfig model) {
                return model.getRestListenerPort();
            }
        };

        /// Where the replica is called so; 0: not at all.
        abstract int port(ReplicaConfig replica);

        /// Where Envoy takes such calls; 0: nowhere.
        abstract int listener(ModelConfig model);

        String cluster(ModelConfig model) {
            return model.getName() + "/" + name().toLowerCase(Locale.ROOT);
        }
    }

    /// The service that Envoys ask.
    public BindableService discovery() {
        return new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl();
    }

    /// From the next publication on the fleet is this one.
    public synchronized void follow(FleetConfig next) {
        List<Cluster> nextClusters = new ArrayList<>();
        List<Listener> nextListeners = new ArrayList<>();
        String address = next.getListenerAddress().isEmpty() ? LOOPBACK : next.getListenerAddress();
        for (ModelConfig model : next.getModelsList()) {
            for (Protocol protocol : Protocol.values()) {
                if (protocol.listener(model) > 0) {
                    nextClusters.add(cluster(protocol.cluster(model)));
                    nextListeners.add(listener(protocol.cluster(model), address, protocol.listener(model)));
                }
            }
        }
        if (fleet == null || !nextClusters.equals(clusters) || !nextListeners.equals(listeners)) {
            fleetVersion++;
        }
        changed |= !next.equals(fleet);
        fleet = next;
        clusters = List.copyOf(nextClusters);
        listeners = List.copyOf(nextListeners);
    }

    /// Publishes weights per replica; what has not changed is not sent again.
    public synchronized void publish(Map<String, Integer> weights) {
        FleetConfig now = fleet;
        if (now == null || (!changed && weights.equals(published))) {
            return;
        }
        published = Map.copyOf(weights);
        changed = false;
        String endpoints = began + "." + ++version;
        String fixed = began + "." + fleetVersion;
        List<ClusterLoadAssignment> assignments = new ArrayList<>();
        for (ModelConfig model : now.getModelsList()) {
            for (Protocol protocol : Protocol.values()) {
                if (protocol.listener(model) > 0) {
                    assignments.add(assignment(now, model, protocol, weights));
                }
            }
        }
        cache.setSnapshot(
                GROUP,
                Snapshot.create(
                        clusters, fixed, assignments, endpoints, listeners, fixed, List.of(), fixed, List.of(), fixed));
    }

    private static ClusterLoadAssignment assignment(
            FleetConfig fleet, ModelConfig model, Protocol protocol, Map<String, Integer> weights) {
        LocalityLbEndpoints.Builder locality = LocalityLbEndpoints.newBuilder();
        for (HostConfig host : fleet.getHostsList()) {
            for (ReplicaConfig replica : host.getReplicasList()) {
                if (replica.getModel().equals(model.getName()) && protocol.port(replica) > 0) {
                    int weight = weights.getOrDefault(replica.getName(), 1);
                    locality.addLbEndpoints(endpoint(replica, protocol.port(replica), weight));
                }
            }
        }
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(protocol.cluster(model))
                .addEndpoints(locality)
                .build();
    }

    /// A replica that is parked, ends or has not begun drains: it keeps its connections and gets no new ones.
    private static LbEndpoint endpoint(ReplicaConfig replica, int port, int weight) {
        boolean takes = weight > 0 && replica.getPhase() == ReplicaConfig.Phase.SERVING;
        return LbEndpoint.newBuilder()
                .setEndpoint(Endpoint.newBuilder().setAddress(address(replica.getAddress(), port)))
                .setHealthStatus(takes ? HealthStatus.UNKNOWN : HealthStatus.DRAINING)
                .setLoadBalancingWeight(UInt32Value.of(Math.max(1, weight)))
                .build();
    }

    private static Address address(String address, int port) {
        return Address.newBuilder()
                .setSocketAddress(SocketAddress.newBuilder().setAddress(address).setPortValue(port))
                .build();
    }

    private static Cluster cluster(String name) {
        Duration often = Durations.fromMillis(500);
        return Cluster.newBuilder()
                .setName(name)
                .setType(Cluster.DiscoveryType.EDS)
                .setEdsClusterConfig(Cluster.EdsClusterConfig.newBuilder().setEdsConfig(ads()))
                .setLbPolicy(Cluster.LbPolicy.ROUND_ROBIN)
                .setConnectTimeout(Durations.fromSeconds(1))
                // Otherwise, with less than half of the replicas taking load, all of them would get it, parked ones
                // too.
                .setCommonLbConfig(Cluster.CommonLbConfig.newBuilder().setHealthyPanicThreshold(Percent.newBuilder()))
                // What the fleet has lost is gone at once, not when its health check fails.
                .setIgnoreHealthOnHostRemoval(true)
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

    private static Listener listener(String cluster, String address, int port) {
        TcpProxy proxy = TcpProxy.newBuilder()
                .setStatPrefix(cluster)
                .setCluster(cluster)
                // A replica that refuses the connection costs its caller another attempt, not a failure.
                .setMaxConnectAttempts(UInt32Value.of(3))
                .build();
        return Listener.newBuilder()
                .setName(cluster)
                .setAddress(address(address, port))
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
