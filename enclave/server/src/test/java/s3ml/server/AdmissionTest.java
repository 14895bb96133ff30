package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static s3ml.server.Http2Frames.DATA;
import static s3ml.server.Http2Frames.END_HEADERS;
import static s3ml.server.Http2Frames.END_STREAM;
import static s3ml.server.Http2Frames.HEADERS;
import static s3ml.server.Http2Frames.RST_STREAM;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import s3ml.server.admission.StreamWindows;
import s3ml.server.admission.WaitingLine;
import s3ml.server.grpc.Admission;
import s3ml.server.grpc.CallStreams;
import s3ml.server.tls.ServingTls;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;

/// What comes over a connection while calls are let in, held or refused: real sockets, with an engine and a clock that
/// the test moves.
final class AdmissionTest {

    private final BlockingQueue<String> served = new LinkedBlockingQueue<>();
    private final TestLine test = new TestLine();
    private final WaitingLine line = test.line();

    /// One thread, so that what is begun first ends first.
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

    private TestServer identity;
    private Server server;

    @BeforeEach
    void start() throws Exception {
        identity = new TestServer(Map.of());
        CallStreams streams = new CallStreams(line);
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .protocolNegotiator(streams.over(
                        ServingTls.of(identity.identity(), List.of(), List.of()).grpc()))
                .bossEventLoopGroup(loops)
                .workerEventLoopGroup(loops)
                .channelType(NioServerSocketChannel.class)
                .directExecutor()
                .flowControlWindow(StreamWindows.WIDE)
                .intercept(new Admission(streams))
                .addService(new GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase() {
                    @Override
                    public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> reply) {
                        served.add(request.getId());
                        reply.onNext(ModelInferResponse.getDefaultInstance());
                        reply.onCompleted();
                    }
                })
                .build()
                .start();
    }

    @AfterEach
    void stop() throws Exception {
        server.shutdownNow().awaitTermination();
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
        identity.close();
    }

    private SSLSocket connect() throws Exception {
        SSLSocket socket = identity.connect(server.getPort(), "h2");
        Http2Frames.greet(socket);
        return socket;
    }

    private static void announce(SSLSocket socket, int stream) throws Exception {
        Http2Frames.frame(socket, HEADERS, END_HEADERS, stream, Http2Frames.inferCall());
    }

    private static void call(SSLSocket socket, int stream, String id) throws Exception {
        announce(socket, stream);
        byte[] message = ModelInferRequest.newBuilder().setId(id).build().toByteArray();
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        data.write(ByteBuffer.allocate(5).put((byte) 0).putInt(message.length).array());
        data.write(message);
        Http2Frames.frame(socket, DATA, END_STREAM, stream, data.toByteArray());
    }

    private String next() throws Exception {
        String id = served.poll(30, TimeUnit.SECONDS);
        assertThat(id).as("nothing was served").isNotNull();
        return id == null ? "" : id;
    }

    @Test
    void a_refused_call_costs_its_headers_and_a_small_window() throws Exception {
        test.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            Http2Frames.takeNarrowWindow(socket);

            announce(socket, 3);
            Http2Frames.frame(socket, DATA, 0, 3, new byte[StreamWindows.NARROW]);
            List<Http2Frames.Frame> answer =
                    Http2Frames.until(socket, frame -> frame.type() == RST_STREAM && frame.stream() == 3);

            // Trailers alone, then "no more": nothing that lets more of the body come.
            assertThat(answer.stream().filter(frame -> frame.stream() == 3).map(Http2Frames.Frame::type))
                    .containsExactly(HEADERS, RST_STREAM);
            assertThat(answer.getLast().word(0)).isZero();
            assertThat(answer.stream().filter(frame -> frame.stream() == 3 && frame.type() == HEADERS))
                    .allMatch(frame -> (frame.flags() & END_STREAM) != 0);
        }
    }

    @Test
    void more_of_a_held_body_than_the_small_window_is_not_taken() throws Exception {
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            Http2Frames.takeNarrowWindow(socket);
            announce(socket, 3);
            Http2Frames.frame(socket, DATA, 0, 3, new byte[StreamWindows.NARROW]);

            assertThat(Http2Frames.seen(socket)).noneMatch(frame -> frame.stream() == 3);
            Http2Frames.frame(socket, DATA, 0, 3, new byte[1]);
            Http2Frames.Frame error =
                    Http2Frames.expect(socket, frame -> frame.type() == RST_STREAM && frame.stream() == 3);

            int flowControlError = 3;
            assertThat(error.word(0)).isEqualTo(flowControlError);
        }
    }

    @Test
    void a_call_that_is_let_in_may_send_its_whole_body_at_once() throws Exception {
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            Http2Frames.takeNarrowWindow(socket);
            announce(socket, 3);
            Http2Frames.seen(socket);

            test.makeRoom(9);

            for (int stream : new int[] {1, 3}) {
                Http2Frames.expectWide(socket, stream);
            }
        }
    }

    @Test
    void a_call_that_was_let_in_keeps_its_window_when_others_get_a_small_one() throws Exception {
        test.findRoom(1);
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            announce(socket, 3);
            Http2Frames.takeNarrowWindow(socket);

            Http2Frames.expectOnlyWide(socket, 1);
        }
    }

    @Test
    void windows_are_wide_again_when_nobody_had_to_wait_for_a_while() throws Exception {
        try (SSLSocket socket = connect()) {
            call(socket, 1, "held");
            Http2Frames.takeNarrowWindow(socket);
            test.makeRoom(9);
            next();

            test.sleep(Duration.ofSeconds(11));
            call(socket, 3, "calm");

            Http2Frames.expect(socket, frame -> Http2Frames.tellsWindow(frame, StreamWindows.WIDE));
        }
    }

    @Test
    void who_only_announces_calls_does_not_keep_another_client_out() throws Exception {
        test.findRoom(4);
        try (SSLSocket announcer = connect();
                SSLSocket another = connect();
                SSLSocket client = connect()) {
            for (int stream = 1; stream < 40; stream += 2) {
                announce(announcer, stream);
                announce(another, stream);
            }
            Http2Frames.seen(announcer);
            Http2Frames.seen(another);
            // Not all places are theirs to take.
            call(client, 1, "first");
            assertThat(next()).isEqualTo("first");

            test.findRoom(3);
            call(client, 3, "second");
            Http2Frames.seen(client);
            assertThat(served).isEmpty();
            test.pass(Duration.ofMillis(200));

            assertThat(next()).isEqualTo("second");
        }
    }

    @Test
    void held_calls_are_answered_in_turn_across_connections() throws Exception {
        try (SSLSocket greedy = connect();
                SSLSocket modest = connect()) {
            for (int i = 0; i < 3; i++) {
                call(greedy, 2 * i + 1, "greedy" + i);
            }
            Http2Frames.seen(greedy);
            call(modest, 1, "modest");
            Http2Frames.seen(modest);
            assertThat(served).isEmpty();

            test.makeRoom(1);

            assertThat(List.of(next(), next(), next(), next()))
                    .containsExactly("greedy0", "modest", "greedy1", "greedy2");
        }
    }

    @Test
    void cancelled_calls_give_their_places_back() throws Exception {
        test.findRoom(1);
        try (SSLSocket client = connect()) {
            try (SSLSocket first = connect();
                    SSLSocket second = connect()) {
                announce(first, 1);
                Http2Frames.seen(first);
                announce(second, 1);
                announce(second, 3);
                Http2Frames.seen(second);
                call(client, 1, "served");
                Http2Frames.seen(client);
                assertThat(line.held()).isEqualTo(3);

                Http2Frames.frame(second, RST_STREAM, 0, 3, new byte[] {0, 0, 0, 8});
                Http2Frames.seen(second);
                assertThat(line.held()).isEqualTo(2);
            }

            // One that was let in and one that was held went with their connections.
            assertThat(next()).isEqualTo("served");
            assertThat(line.held()).isZero();
        }
    }

    @Test
    void a_megabyte_comes_under_pressure_and_a_deadline_ends_what_is_held() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.getPort())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(identity.authority())
                        .build())
                .build();
        try {
            GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub stub =
                    GRPCInferenceServiceGrpc.newBlockingStub(channel);
            ModelInferRequest large = ModelInferRequest.newBuilder()
                    .setId("large")
                    .addRawInputContents(ByteString.copyFrom(new byte[1 << 20]))
                    .build();
            StatusRuntimeException late = Assertions.catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> stub.withDeadlineAfter(200, TimeUnit.MILLISECONDS).modelInfer(large));

            assertThat(late.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);
            assertThat(line.isPressed()).isTrue();
            test.findRoom(2);
            stub.withDeadlineAfter(30, TimeUnit.SECONDS).modelInfer(large);
            assertThat(next()).isEqualTo("large");
        } finally {
            channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        }
    }
}
