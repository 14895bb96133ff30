package s3ml.control;

import io.envoyproxy.controlplane.cache.Response;
import io.envoyproxy.controlplane.cache.Watch;
import io.envoyproxy.controlplane.cache.XdsRequest;
import io.envoyproxy.controlplane.cache.v3.SimpleCache;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.grpc.BindableService;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import s3ml.wire.fleet.FleetConfig;

/// Turns weights into what data planes fetch by xDS, each kind its own resources ([DataPlane]), over one aggregated
/// stream (ADS). Thread-safe.
///
/// Before the first fleet is known nothing is published: a data plane that asks then keeps what it had.
public final class XdsSnapshots {
    private final Cache cache = new Cache();
    private final long began;
    private Map<DataPlane, Standing> standing = Map.of();
    private @Nullable FleetConfig fleet;
    private long fleetVersion;
    private long version;
    private boolean changed;
    private Map<String, Integer> published = Map.of();

    /// What one kind of data plane gets that does not depend on the weights.
    private record Standing(List<Cluster> clusters, List<Listener> listeners) {}

    /// One snapshot for each kind of data plane.
    private static final class Cache extends SimpleCache<DataPlane> {
        private Cache() {
            super(DataPlane::of);
        }

        /// The cache answers a request on an aggregated stream only if it has all that the request names, which keeps
        /// Envoy's updates whole. What a gRPC client names is its user's choice: it has to learn that a model is not
        /// there, or no longer, and one such name must not keep it from news about others.
        @Override
        public Watch createWatch(
                boolean aggregated,
                XdsRequest request,
                Set<String> known,
                Consumer<Response> responses,
                boolean clustersChanged,
                boolean emptyEndpoints) {
            boolean whole = aggregated && DataPlane.of(request.v3Request().getNode()) != DataPlane.GRPC;
            return super.createWatch(whole, request, known, responses, clustersChanged, emptyEndpoints);
        }
    }

    /// @param began part of the versions, so that those of a restarted control plane are new
    public XdsSnapshots(long began) {
        this.began = began;
    }

    /// The service that data planes ask.
    public BindableService discovery() {
        return new NodesOfStreams(new V3DiscoveryServer(cache).getAggregatedDiscoveryServiceImpl());
    }

    /// From the next publication on the fleet is this one.
    public synchronized void follow(FleetConfig next) {
        Map<DataPlane, Standing> nextStanding = new EnumMap<>(DataPlane.class);
        for (DataPlane plane : DataPlane.values()) {
            XdsResources resources = plane.resources();
            nextStanding.put(plane, new Standing(resources.clusters(next), resources.listeners(next)));
        }
        if (!nextStanding.equals(standing)) {
            fleetVersion++;
        }
        changed |= !next.equals(fleet);
        fleet = next;
        standing = nextStanding;
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
        standing.forEach((plane, known) -> cache.setSnapshot(
                plane,
                Snapshot.create(
                        known.clusters(),
                        fixed,
                        plane.resources().endpoints(now, weights),
                        endpoints,
                        known.listeners(),
                        fixed,
                        List.of(),
                        fixed,
                        List.of(),
                        fixed)));
    }
}
