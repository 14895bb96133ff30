package s3ml.control;

import com.google.protobuf.Any;
import com.google.protobuf.UInt32Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.config.listener.v3.ApiListener;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.List;
import java.util.Map;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// For gRPC clients with the target `xds:///MODEL`: the model's name is that of its listener, which leads every call to
/// the cluster of that name. No port is listened on, so that every model of the fleet has one.
///
/// gRPC's round robin heeds weights of localities, not of endpoints: each replica is a locality of its own. Nothing
/// here says how connections are secured; that is the client's to say. Sources: gRFC A27 (global load balancing), A39
/// (HTTP filters), A52 (locality weights).
final class GrpcResources implements XdsResources {
    @Override
    public List<Cluster> clusters(FleetConfig fleet) {
        return fleet.getModelsList().stream()
                .map(model -> XdsResources.cluster(model.getName()).build())
                .toList();
    }

    @Override
    public List<Listener> listeners(FleetConfig fleet) {
        return fleet.getModelsList().stream()
                .map(model -> listener(model.getName()))
                .toList();
    }

    @Override
    public List<ClusterLoadAssignment> endpoints(FleetConfig fleet, Map<String, Integer> weights) {
        return fleet.getModelsList().stream()
                .map(model -> assignment(fleet, model, weights))
                .toList();
    }

    /// Replicas that take no new calls are left out; gRPC ends what is under way with them before it disconnects.
    private static ClusterLoadAssignment assignment(
            FleetConfig fleet, ModelConfig model, Map<String, Integer> weights) {
        return ClusterLoadAssignment.newBuilder()
                .setClusterName(model.getName())
                .addAllEndpoints(XdsResources.replicas(fleet, model)
                        .filter(replica -> XdsResources.weight(replica, weights) > 0)
                        .map(replica -> locality(replica, XdsResources.weight(replica, weights)))
                        .toList())
                .build();
    }

    private static LocalityLbEndpoints locality(ReplicaConfig replica, int weight) {
        return LocalityLbEndpoints.newBuilder()
                .setLocality(Locality.newBuilder().setSubZone(replica.getName()))
                .setLoadBalancingWeight(UInt32Value.of(weight))
                .addLbEndpoints(LbEndpoint.newBuilder()
                        .setEndpoint(Endpoint.newBuilder()
                                .setAddress(XdsResources.address(replica.getAddress(), replica.getPort()))))
                .build();
    }

    private static Listener listener(String model) {
        Route route = Route.newBuilder()
                .setMatch(RouteMatch.newBuilder().setPrefix(""))
                .setRoute(RouteAction.newBuilder().setCluster(model))
                .build();
        HttpConnectionManager manager = HttpConnectionManager.newBuilder()
                .setRouteConfig(RouteConfiguration.newBuilder()
                        .setName(model)
                        .addVirtualHosts(VirtualHost.newBuilder()
                                .setName(model)
                                // Whatever authority the client gives: it is what its TLS checks, not a route.
                                .addDomains("*")
                                .addRoutes(route)))
                .addHttpFilters(HttpFilter.newBuilder()
                        .setName("envoy.filters.http.router")
                        .setTypedConfig(Any.pack(Router.getDefaultInstance())))
                .build();
        return Listener.newBuilder()
                .setName(model)
                .setApiListener(ApiListener.newBuilder().setApiListener(Any.pack(manager)))
                .build();
    }
}
