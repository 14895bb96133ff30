package s3ml.control;

import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;

/// ADS in which every request carries its node: a client has to send it with the first request of a stream only, and
/// gRPC for Go and C++ does no more, while the cache looks for it in each.
final class NodesOfStreams extends AggregatedDiscoveryServiceImplBase {
    private final AggregatedDiscoveryServiceImplBase service;

    NodesOfStreams(AggregatedDiscoveryServiceImplBase service) {
        this.service = service;
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> responses) {
        StreamObserver<DiscoveryRequest> requests = service.streamAggregatedResources(responses);
        return new StreamObserver<>() {
            private Node node = Node.getDefaultInstance();

            @Override
            public void onNext(DiscoveryRequest request) {
                if (request.hasNode()) {
                    node = request.getNode();
                }
                requests.onNext(request.toBuilder().setNode(node).build());
            }

            @Override
            public void onError(Throwable failure) {
                requests.onError(failure);
            }

            @Override
            public void onCompleted() {
                requests.onCompleted();
            }
        };
    }

    /// gRPC has no deltas, so that all who ask for them are of the kind that an empty node is.
    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(
            StreamObserver<DeltaDiscoveryResponse> responses) {
        return service.deltaAggregatedResources(responses);
    }
}
