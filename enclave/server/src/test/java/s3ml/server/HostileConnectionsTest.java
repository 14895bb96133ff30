package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.server.Http2Frames.END_HEADERS;
import static s3ml.server.Http2Frames.GOAWAY;
import static s3ml.server.Http2Frames.HEADERS;
import static s3ml.server.Http2Frames.RST_STREAM;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;

/// Peers that hold places without asking anything, over real sockets: each is cut, and the server goes on.
final class HostileConnectionsTest {
    private static final int CONNECTIONS = 6;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;

    private TestServer server;

    @BeforeEach
    void start() throws Exception {
        ServerConfig.Limits limits = new ServerConfig.Limits(
                32 << 20, CONNECTIONS, 64L << 20, SECOND, SECOND, Duration.ofMinutes(5), Duration.ofSeconds(5));
        server = new TestServer(Map.of(), limits).with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
    }

    @AfterEach
    void stop() throws Exception {
        assertThat(server.call("GET", "/v2/health/ready", "").statusCode()).isEqualTo(200);
        server.close();
    }

    /// Sends one byte each 100 ms until the server ends the connection; fails when it does not.
    private static void trickle(Socket socket, byte[] bytes) throws Exception {
        OutputStream out = socket.getOutputStream();
        for (int i = 0; i < 100; i++) {
            try {
                out.write(bytes, i % bytes.length, 1);
                out.flush();
            } catch (IOException cut) {
                return;
            }
            Thread.sleep(100);
        }
        throw new AssertionError("the connection was still taken after 10 s");
    }

    @Test
    void a_head_that_comes_byte_by_byte_is_cut() throws Exception {
        try (SSLSocket socket = server.connect(server.restPort(), "http/1.1")) {
            socket.getOutputStream().write("GET /v2 HTTP/1.1\r\nhost: x\r\nx: ".getBytes(StandardCharsets.US_ASCII));

            trickle(socket, "aaaa".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void a_body_that_comes_byte_by_byte_is_cut() throws Exception {
        try (SSLSocket socket = server.connect(server.restPort(), "http/1.1")) {
            socket.getOutputStream()
                    .write("POST /v2/models/double/infer HTTP/1.1\r\nhost: x\r\ncontent-length: 4000\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));

            trickle(socket, "{   ".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void a_connection_that_asks_for_nothing_is_closed() throws Exception {
        try (SSLSocket http1 = server.connect(server.restPort(), "http/1.1");
                SSLSocket http2 = server.connect(server.restPort(), "h2");
                SSLSocket grpc = server.connect(server.grpcPort(), "h2")) {
            Http2Frames.greet(http2);
            Http2Frames.greet(grpc);

            assertThat(http1.getInputStream().read()).isEqualTo(-1);
            Http2Frames.expect(http2, frame -> frame.type() == GOAWAY);
            Http2Frames.expect(grpc, frame -> frame.type() == GOAWAY);
        }
    }

    @Test
    void a_handshake_that_stops_is_cut() throws Exception {
        for (int port : new int[] {server.restPort(), server.grpcPort()}) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                // The first bytes of a ClientHello record of 512 bytes.
                socket.getOutputStream().write(new byte[] {0x16, 3, 1, 2, 0, 1});
                socket.setSoTimeout(30_000);

                assertThat(socket.getInputStream().readAllBytes().length).isLessThan(100);
            }
        }
    }

    @Test
    void a_call_whose_message_does_not_come_is_ended() throws Exception {
        try (SSLSocket socket = server.connect(server.grpcPort(), "h2")) {
            Http2Frames.greet(socket);
            Http2Frames.frame(socket, HEADERS, END_HEADERS, 1, Http2Frames.inferCall());
            // A message of 100 bytes is announced, and three come.
            Http2Frames.frame(socket, 0, 0, 1, new byte[] {0, 0, 0, 0, 100, 1, 2, 3});

            Http2Frames.expect(socket, frame -> frame.type() == HEADERS && frame.stream() == 1);
        }
    }

    @Test
    void a_head_that_is_too_long_is_refused() throws Exception {
        try (SSLSocket socket = server.connect(server.restPort(), "http/1.1")) {
            String head = "GET /v2 HTTP/1.1\r\nhost: x\r\nx: " + "a".repeat(20_000) + "\r\n\r\n";
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));

            byte[] line = socket.getInputStream().readNBytes(12);

            assertThat(new String(line, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 400");
        }
    }

    @Test
    void one_connection_more_than_the_limit_is_closed_before_the_handshake() throws Exception {
        for (int port : new int[] {server.restPort(), server.grpcPort()}) {
            List<SSLSocket> taken = new ArrayList<>();
            for (int i = 0; i < CONNECTIONS; i++) {
                taken.add(server.connect(port, "h2"));
            }

            assertThatThrownBy(() -> server.connect(port, "h2")).isInstanceOf(IOException.class);

            for (SSLSocket socket : taken) {
                socket.close();
            }
        }
        // The places are free again when the server has seen the ends.
        Thread.sleep(200);
    }

    @Test
    void more_streams_than_the_limit_are_refused() throws Exception {
        for (int port : new int[] {server.restPort(), server.grpcPort()}) {
            try (SSLSocket socket = server.connect(port, "h2")) {
                Http2Frames.greet(socket);
                for (int i = 0; i < 300; i++) {
                    Http2Frames.frame(socket, HEADERS, END_HEADERS, 2 * i + 1, Http2Frames.post());
                }

                Http2Frames.expect(socket, frame -> frame.type() == RST_STREAM && frame.word(0) == REFUSED_STREAM);
            }
        }
    }

    @Test
    void a_flood_of_streams_that_are_taken_back_ends_the_connection() throws Exception {
        for (int port : new int[] {server.restPort(), server.grpcPort()}) {
            try (SSLSocket socket = server.connect(port, "h2")) {
                Http2Frames.greet(socket);
                ByteArrayOutputStream flood = new ByteArrayOutputStream();
                for (int i = 0; i < 3000; i++) {
                    Http2Frames.write(flood, HEADERS, END_HEADERS, 2 * i + 1, Http2Frames.post());
                    Http2Frames.write(flood, RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
                }
                try {
                    socket.getOutputStream().write(flood.toByteArray());
                } catch (IOException cut) {
                    // What the server said before is still to be read.
                }

                Http2Frames.expect(socket, frame -> frame.type() == GOAWAY && frame.word(4) == ENHANCE_YOUR_CALM);
            }
        }
    }
}
