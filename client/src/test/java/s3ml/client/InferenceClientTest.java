package s3ml.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import s3ml.attest.S3mlException;
import s3ml.protocol.Endpoint;
import s3ml.protocol.trace.TraceParent;

final class InferenceClientTest {
    private static final String NAME = "detector.test";
    private static final ServicePki PKI = new ServicePki("service CA");
    private static final ModelExpectation EXPECTATION = ModelExpectation.of("echo");
    private static final InferenceOptions OPTIONS = InferenceOptions.defaults().withTimeout(Duration.ofSeconds(20));

    private final List<AutoCloseable> open = new ArrayList<>();

    enum Protocol {
        GRPC,
        REST
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_answer_comes_back_with_its_id_names_and_bytes(Protocol protocol) {
        EchoReplica replica = replica();
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, replica));
        Tensor input = Tensor.ofFloats("in", List.of(2L, 2L), new float[] {1, -2, 3.5f, 0});

        InferenceResponse response =
                client.infer(new InferenceRequest("echo", "", "request-7", List.of(input), List.of("out")));

        assertThat(response.id()).isEqualTo("request-7");
        assertThat(response.version()).isEqualTo("1");
        assertThat(response.output("out").orElseThrow().shape()).containsExactly(2L, 2L);
        assertThat(response.output("out").orElseThrow().floats()).containsExactly(1, -2, 3.5f, 0);
    }

    @ParameterizedTest
    @EnumSource
    void a_trace_goes_with_the_request_that_has_one(Protocol protocol) {
        EchoReplica replica = replica();
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, replica));
        InferenceRequest request = InferenceRequest.of("echo", Tensor.ofFloats("in", List.of(1L), new float[] {1}));
        TraceParent span = TraceParent.fresh(new SplittableRandom(1));

        client.infer(request);
        client.infer(request.withTrace(span));

        assertThat(replica.traces).containsExactly(span.header());
    }

    @ParameterizedTest
    @EnumSource
    void a_large_tensor_travels_from_native_memory(Protocol protocol) {
        EchoReplica replica = replica();
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, replica));
        byte[] content = new byte[9_000_001];
        new SplittableRandom(1).nextBytes(content);

        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(content.length);
            memory.copyFrom(MemorySegment.ofArray(content));
            Tensor input = Tensor.of("in", Datatype.UINT8, List.of((long) content.length), memory.asByteBuffer());

            InferenceResponse response = client.infer(InferenceRequest.of("echo", input));

            assertThat(response.outputs().getFirst().data()).isEqualTo(ByteBuffer.wrap(content));
        }
    }

    @ParameterizedTest
    @EnumSource
    void metadata_names_inputs_with_free_dimensions(Protocol protocol) {
        EchoReplica replica = replica();

        ModelMetadata metadata =
                client(protocol, OPTIONS, endpoint(protocol, replica)).metadata();

        assertThat(metadata.inputs()).containsExactly(new ModelMetadata.TensorInfo("in", Datatype.FP32, List.of(-1L)));
        assertThat(metadata.versions()).containsExactly("1");
    }

    @ParameterizedTest
    @EnumSource
    void a_replica_cut_off_behind_a_shared_port_costs_no_error(Protocol protocol) {
        EchoReplica first = replica();
        EchoReplica second = replica();
        CuttingBalancer balancer =
                keep(new CuttingBalancer(List.of(endpoint(protocol, first), endpoint(protocol, second))));
        InferenceClient client = client(protocol, OPTIONS.withConnections(2), balancer.endpoint());

        List<CompletableFuture<InferenceResponse>> answers = new ArrayList<>();
        for (int call = 0; call < 200; call++) {
            if (call == 100) {
                answers.get(50).join();
                balancer.cut(0);
            }
            answers.add(client.inferAsync(request(call)));
            if (call % 10 == 0) {
                answers.get(call).join();
            }
        }

        for (int call = 0; call < answers.size(); call++) {
            InferenceResponse response = answers.get(call).join();
            assertThat(response.outputs().getFirst().floats()).containsExactly(call);
        }
        assertThat(first.served.get()).isPositive();
        assertThat(second.served.get()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void a_draining_replica_is_left_for_another_one(Protocol protocol) {
        EchoReplica draining = replica();
        EchoReplica healthy = replica();
        draining.behaviour = EchoReplica.Behaviour.UNAVAILABLE;
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, draining), endpoint(protocol, healthy));

        for (int call = 0; call < 10; call++) {
            assertThat(client.infer(request(call)).outputs()).hasSize(1);
        }

        assertThat(healthy.served.get()).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void the_retry_budget_bounds_what_a_dead_service_is_sent(Protocol protocol) {
        EchoReplica replica = replica();
        replica.behaviour = EchoReplica.Behaviour.UNAVAILABLE;
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, replica));

        for (int call = 0; call < 100; call++) {
            int number = call;
            assertCode("CLI-120", () -> client.infer(request(number)));
        }

        // 100 first attempts, a full budget of 50, and a fifth of a repetition earned by each call.
        assertThat(replica.served.get()).isBetween(100, 100 + 50 + 20);
    }

    @ParameterizedTest
    @EnumSource
    void a_refusal_is_passed_on_and_not_repeated(Protocol protocol) {
        EchoReplica replica = replica();
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, replica));

        replica.behaviour = EchoReplica.Behaviour.REFUSE;
        assertThatThrownBy(() -> client.infer(request(1)))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("CLI-122")
                .hasMessageContaining("SRV-104: wrong shape");
        replica.behaviour = EchoReplica.Behaviour.OVERLOADED;
        assertCode("CLI-123", () -> client.infer(request(1)));

        assertThat(replica.served.get()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void a_hanging_replica_is_given_up_at_the_deadline(Protocol protocol) {
        EchoReplica replica = replica();
        replica.behaviour = EchoReplica.Behaviour.HANG;
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, replica));

        CompletableFuture<InferenceResponse> answer = client.inferAsync(request(1), Duration.ofMillis(300));

        assertThatThrownBy(answer::join).hasCauseInstanceOf(S3mlException.class).hasMessageContaining("CLI-121");
    }

    @ParameterizedTest
    @EnumSource
    void hedging_asks_another_replica_when_the_first_is_slow(Protocol protocol) {
        EchoReplica hanging = replica();
        EchoReplica healthy = replica();
        hanging.behaviour = EchoReplica.Behaviour.HANG;
        InferenceOptions hedged = OPTIONS.withHedgeAfter(Duration.ofMillis(50)).withConnections(1);
        InferenceClient client = client(protocol, hedged, endpoint(protocol, hanging), endpoint(protocol, healthy));

        for (int call = 0; call < 6; call++) {
            assertThat(client.infer(request(call)).outputs().getFirst().floats())
                    .containsExactly(call);
        }

        assertThat(hanging.served.get()).isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_with_a_certificate_of_another_service_is_sent_nothing(Protocol protocol) {
        EchoReplica stranger = keep(new EchoReplica(new ServicePki("another CA").keysFor(NAME)));
        EchoReplica misnamed = keep(new EchoReplica(PKI.keysFor("other.test")));

        for (EchoReplica peer : List.of(stranger, misnamed)) {
            InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, peer));
            assertCode("CLI-125", () -> client.infer(request(1)));
            assertThat(peer.served.get()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_peer_that_goes_away_within_the_handshake_is_lost_and_not_foreign(Protocol protocol) throws IOException {
        EchoReplica replica = replica();
        try (ServerSocket leaving = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> hangUpOnGreeting(leaving));
            Endpoint gone = new Endpoint("127.0.0.1", leaving.getLocalPort());

            assertCode("CLI-120", () -> client(protocol, OPTIONS, gone).infer(request(1)));
            InferenceClient client = client(protocol, OPTIONS, gone, endpoint(protocol, replica));
            for (int call = 0; call < 4; call++) {
                assertThat(client.infer(request(call)).outputs()).hasSize(1);
            }
        }
    }

    /// Reads the ClientHello and closes in order, as a replica does that ends while a client dials it.
    private static void hangUpOnGreeting(ServerSocket listener) {
        while (!listener.isClosed()) {
            try (Socket caller = listener.accept()) {
                int first = caller.getInputStream().read(new byte[16_384]);
                assertThat(first).isPositive();
            } catch (IOException closed) {
                // The test is over.
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_answer_larger_than_the_bound_is_refused(Protocol protocol) {
        EchoReplica replica = replica();
        InferenceClient client = client(protocol, OPTIONS.withLargestResponse(10_000), endpoint(protocol, replica));
        Tensor large = Tensor.ofFloats("in", List.of(5_000L), new float[5_000]);

        assertThatThrownBy(() -> client.infer(InferenceRequest.of("echo", large)))
                .isInstanceOf(S3mlException.class)
                .hasMessageMatching("CLI-12[34].*");
    }

    @ParameterizedTest
    @EnumSource
    void a_request_for_another_model_is_sent_nowhere(Protocol protocol) {
        EchoReplica replica = replica();
        InferenceClient client = client(protocol, OPTIONS, endpoint(protocol, replica));

        assertCode(
                "CLI-112",
                () -> client.infer(InferenceRequest.of("other", Tensor.ofFloats("in", List.of(1L), new float[1]))));

        assertThat(replica.served.get()).isZero();
    }

    private static InferenceRequest request(int value) {
        return InferenceRequest.of("echo", Tensor.ofFloats("in", List.of(1L), new float[] {value}));
    }

    private EchoReplica replica() {
        return keep(new EchoReplica(PKI.keysFor(NAME)));
    }

    private InferenceClient client(Protocol protocol, InferenceOptions options, Endpoint... endpoints) {
        return keep(
                switch (protocol) {
                    case GRPC -> InferenceClient.grpc(PKI.trust(NAME), EXPECTATION, List.of(endpoints), options);
                    case REST -> InferenceClient.rest(PKI.trust(NAME), EXPECTATION, List.of(endpoints), options);
                });
    }

    private static Endpoint endpoint(Protocol protocol, EchoReplica replica) {
        return switch (protocol) {
            case GRPC -> replica.grpcEndpoint();
            case REST -> replica.restEndpoint();
        };
    }

    private <T extends AutoCloseable> T keep(T resource) {
        open.add(resource);
        return resource;
    }

    private static void assertCode(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(S3mlException.class).hasMessageStartingWith(code);
    }
}
