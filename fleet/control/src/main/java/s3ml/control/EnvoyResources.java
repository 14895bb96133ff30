package s3ml.control;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HealthCheck;
import io.envoyproxy.envoy.config.core.v3.HealthStatus;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy;
import io.envoyproxy.envoy.type.v3.Percent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// For Envoy: per model and protocol a TCP listener, since TLS ends in the enclave, and a cluster with its endpoints.
final class EnvoyResources implements XdsResources {
    private static final String LOOPBACK = "127.0.0.1";

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

    @Override
    public List<Cluster> clusters(FleetConfig fleet) {
        return listened(fleet, (model, protocol) -> cluster(protocol.cluster(model)));
    }

    @Override
    public List<Listener> listeners(FleetConfig fleet) {
        String address = fleet.getListenerAddress().isEmpty() ? LOOPBACK : fleet.getListenerAddress();
        return listened(
                fleet, (model, protocol) -> listener(protocol.cluster(model), address, protocol.listener(model)));
    }

    @Override
    public List<ClusterLoadAssignment> endpoints(FleetConfig fleet, Map<String, Integer> weights) {
        return listened(fleet, (model, protocol) -> assignment(fleet, model, protocol, weights));
    }

    private static <T> List<T> listened(FleetConfig fleet, BiFunction<ModelConfig, Protocol, T> resource) {
        List<T> all = new ArrayList<>();
        for (ModelConfig model : fleet.getModelsList()) {
            for (Protocol protocol : Protocol.values()) {
                if (protocol.listener(model) > 0) {
                    all.add(resource.apply(model, protocol));
                }
            }
        }
        return List.copyOf(all);
    }

    private static ClusterLoadAssignment assignment(
            FleetConfig fleet, ModelConfig model, Protocol protocol, Map<String, Integer> weights) {
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(protocol.cluster(model))
                .addEndpoints(LocalityLbEndpoints.newBuilder()
                        .addAllLbEndpoints(XdsResources.replicas(fleet, model)
                                .filter(replica -> protocol.port(replica) > 0)
                                .map(replica -> endpoint(
                                        replica, protocol.port(replica), XdsResources.weight(replica, weights)))
                                .toList()))
                .build();
    }

    /// A replica that takes nothing new drains: it keeps its connections.
    private static LbEndpoint endpoint(ReplicaConfig replica, int port, int weight) {
        return LbEndpoint.newBuilder()
                .setEndpoint(Endpoint.newBuilder().setAddress(XdsResources.address(replica.getAddress(), port)))
                .setHealthStatus(weight > 0 ? HealthStatus.UNKNOWN : HealthStatus.DRAINING)
                .setLoadBalancingWeight(UInt32Value.of(Math.max(1, weight)))
                .build();
    }

    private static Cluster cluster(String name) {
        Duration often = Durations.fromMillis(500);
        return XdsResources.cluster(name)
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
                .setAddress(XdsResources.address(address, port))
                .addFilterChains(FilterChain.newBuilder()
                        .addFilters(Filter.newBuilder()
                                .setName("envoy.filters.network.tcp_proxy")
                                .setTypedConfig(Any.pack(proxy))))
                .build();
    }
}
