package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.envoyproxy.controlplane.cache.Resources;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AsyncService;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import org.junit.jupiter.api.Test;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.ModelConfig;

/// The protocol, without a network between: answers are there when a call returns.
final class XdsSnapshotsTest {
    private final XdsSnapshots snapshots = new XdsSnapshots(1);

    /// A data plane's stream.
    private static final class Stream implements StreamObserver<DiscoveryResponse> {
        private final Queue<DiscoveryResponse> received = new ArrayDeque<>();

        @Override
        public void onNext(DiscoveryResponse response) {
            received.add(response);
        }

        @Override
        public void onError(Throwable failure) {
            throw new AssertionError("the stream failed", failure);
        }

        @Override
        public void onCompleted() {
            // Nothing is waited for.
        }

        private DiscoveryResponse next() {
            return Optional.ofNullable(received.poll()).orElseThrow(() -> new AssertionError("no answer"));
        }

        private List<Listener> listeners() throws InvalidProtocolBufferException {
            List<Listener> listeners = new ArrayList<>();
            for (Any resource : next().getResourcesList()) {
                listeners.add(resource.unpack(Listener.class));
            }
            return listeners;
        }
    }

    private StreamObserver<DiscoveryRequest> open(Stream stream) {
        return ((AsyncService) snapshots.discovery()).streamAggregatedResources(stream);
    }

    private static Node node(String userAgent) {
        return Node.newBuilder().setId("test").setUserAgentName(userAgent).build();
    }

    private static DiscoveryRequest.Builder request(String type, String... names) {
        return DiscoveryRequest.newBuilder().setTypeUrl(type).addAllResourceNames(List.of(names));
    }

    private static DiscoveryRequest acknowledged(DiscoveryResponse response, String... names) {
        return request(response.getTypeUrl(), names)
                .setVersionInfo(response.getVersionInfo())
                .setResponseNonce(response.getNonce())
                .build();
    }

    /// Of the models only `proxied` has a port at Envoy.
    private void publish(String... models) {
        FleetConfig.Builder fleet = FleetConfig.newBuilder();
        for (String model : models) {
            fleet.addModels(
                    ModelConfig.newBuilder().setName(model).setListenerPort(model.equals("proxied") ? 20_000 : 0));
        }
        snapshots.follow(fleet.build());
        snapshots.publish(Map.of());
    }

    @Test
    void a_node_is_of_grpc_by_how_its_user_agent_begins_and_else_of_envoy() {
        for (String userAgent : new String[] {"gRPC Java", "gRPC Go", "gRPC C-core linux", "grpc-rust"}) {
            assertThat(DataPlane.of(node(userAgent))).as(userAgent).isEqualTo(DataPlane.GRPC);
        }
        for (String userAgent : new String[] {"envoy", "", "gRP", "my gRPC"}) {
            assertThat(DataPlane.of(node(userAgent))).as(userAgent).isEqualTo(DataPlane.ENVOY);
        }
    }

    @Test
    void envoy_gets_tcp_listeners_only_and_grpc_api_listeners_only() throws Exception {
        publish("proxied", "direct");
        Stream envoy = new Stream();
        Stream grpc = new Stream();

        open(envoy)
                .onNext(request(Resources.V3.LISTENER_TYPE_URL)
                        .setNode(node("envoy"))
                        .build());
        open(grpc)
                .onNext(request(Resources.V3.LISTENER_TYPE_URL, "proxied", "direct")
                        .setNode(node("gRPC Java"))
                        .build());

        assertThat(envoy.listeners()).singleElement().satisfies(listener -> {
            assertThat(listener.getAddress().getSocketAddress().getPortValue()).isEqualTo(20_000);
            assertThat(listener.hasApiListener()).isFalse();
        });
        assertThat(grpc.listeners())
                .hasSize(2)
                .allSatisfy(listener -> assertThat(listener.hasApiListener()).isTrue())
                .allSatisfy(listener -> assertThat(listener.hasAddress()).isFalse());
    }

    @Test
    void a_request_without_a_node_is_of_the_node_that_began_its_stream() {
        publish("direct");
        Stream grpc = new Stream();
        StreamObserver<DiscoveryRequest> requests = open(grpc);
        requests.onNext(request(Resources.V3.LISTENER_TYPE_URL, "direct")
                .setNode(node("gRPC Go"))
                .build());
        grpc.next();

        requests.onNext(request(Resources.V3.CLUSTER_TYPE_URL, "direct").build());

        assertThat(grpc.next().getResourcesList()).hasSize(1);
    }

    @Test
    void a_grpc_client_learns_that_a_model_is_not_there_when_it_comes_and_when_it_goes() {
        publish("one");
        Stream grpc = new Stream();
        StreamObserver<DiscoveryRequest> requests = open(grpc);
        requests.onNext(request(Resources.V3.LISTENER_TYPE_URL, "late")
                .setNode(node("gRPC Java"))
                .build());
        DiscoveryResponse missing = grpc.next();
        requests.onNext(acknowledged(missing, "late"));
        assertThat(missing.getResourcesList()).isEmpty();
        assertThat(grpc.received).isEmpty();

        publish("one", "two");
        requests.onNext(acknowledged(grpc.next(), "late"));
        publish("one", "two", "late");
        DiscoveryResponse come = grpc.next();
        requests.onNext(acknowledged(come, "late"));
        publish("one", "two");

        assertThat(come.getResourcesList()).hasSize(1);
        assertThat(grpc.next().getResourcesList()).isEmpty();
    }
}
