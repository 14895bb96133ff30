package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
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
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int SETTINGS = 4;
    private static final int GOAWAY = 7;
    private static final int END_HEADERS = 4;
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
            greet(http2);
            greet(grpc);

            assertThat(http1.getInputStream().read()).isEqualTo(-1);
            expect(http2, frame -> frame.type() == GOAWAY);
            expect(grpc, frame -> frame.type() == GOAWAY);
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
            greet(socket);
            ByteArrayOutputStream block = new ByteArrayOutputStream();
            block.write(new byte[] {(byte) 0x83, (byte) 0x87});
            literal(block, 4, "/inference.GRPCInferenceService/ModelInfer");
            literal(block, 1, "localhost");
            literal(block, "content-type", "application/grpc");
            literal(block, "te", "trailers");
            frame(socket, HEADERS, END_HEADERS, 1, block.toByteArray());
            // A message of 100 bytes is announced, and three come.
            frame(socket, 0, 0, 1, new byte[] {0, 0, 0, 0, 100, 1, 2, 3});

            expect(socket, frame -> frame.type() == HEADERS && frame.stream() == 1);
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
                greet(socket);
                for (int i = 0; i < 300; i++) {
                    frame(socket, HEADERS, END_HEADERS, 2 * i + 1, post());
                }

                expect(socket, frame -> frame.type() == RST_STREAM && frame.word(0) == REFUSED_STREAM);
            }
        }
    }

    @Test
    void a_flood_of_streams_that_are_taken_back_ends_the_connection() throws Exception {
        for (int port : new int[] {server.restPort(), server.grpcPort()}) {
            try (SSLSocket socket = server.connect(port, "h2")) {
                greet(socket);
                ByteArrayOutputStream flood = new ByteArrayOutputStream();
                for (int i = 0; i < 3000; i++) {
                    write(flood, HEADERS, END_HEADERS, 2 * i + 1, post());
                    write(flood, RST_STREAM, 0, 2 * i + 1, new byte[] {0, 0, 0, 8});
                }
                try {
                    socket.getOutputStream().write(flood.toByteArray());
                } catch (IOException cut) {
                    // What the server said before is still to be read.
                }

                expect(socket, frame -> frame.type() == GOAWAY && frame.word(4) == ENHANCE_YOUR_CALM);
            }
        }
    }

    private static byte[] post() throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        // :method POST and :scheme https of the static table (RFC 7541, appendix A).
        block.write(new byte[] {(byte) 0x83, (byte) 0x87});
        literal(block, 4, "/v2/models/double/infer");
        literal(block, 1, "localhost");
        return block.toByteArray();
    }

    /// A header without indexing, its name from the static table.
    private static void literal(ByteArrayOutputStream block, int name, String value) throws IOException {
        block.write(name);
        text(block, value);
    }

    private static void literal(ByteArrayOutputStream block, String name, String value) throws IOException {
        block.write(0);
        text(block, name);
        text(block, value);
    }

    private static void text(ByteArrayOutputStream block, String text) throws IOException {
        block.write(text.length());
        block.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void greet(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(PREFACE);
        frame(socket, SETTINGS, 0, 0, new byte[0]);
        // SETTINGS of the server is acknowledged unseen.
        frame(socket, SETTINGS, 1, 0, new byte[0]);
    }

    private static void frame(SSLSocket socket, int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, type, flags, stream, payload);
        socket.getOutputStream().write(out.toByteArray());
    }

    private static void write(ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload)
            throws IOException {
        ByteBuffer head = ByteBuffer.allocate(9);
        head.put((byte) 0).putShort((short) payload.length).put((byte) type).put((byte) flags);
        out.write(head.putInt(stream).array());
        out.write(payload);
    }

    private record Frame(int type, int stream, ByteBuffer payload) {
        int word(int at) {
            return payload.getInt(at);
        }
    }

    /// Reads what the server sends until the frame comes; fails when the connection ends before.
    private static void expect(SSLSocket socket, Predicate<Frame> wanted) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        List<Frame> seen = new ArrayList<>();
        while (seen.isEmpty() || !wanted.test(seen.getLast())) {
            try {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                in.readUnsignedByte();
                int stream = in.readInt();
                seen.add(new Frame(type, stream, ByteBuffer.wrap(in.readNBytes(length))));
            } catch (IOException ended) {
                throw new AssertionError("only these frames came: " + seen, ended);
            }
        }
    }
}
