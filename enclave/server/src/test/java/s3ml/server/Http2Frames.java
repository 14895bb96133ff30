package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import javax.net.ssl.SSLSocket;
import s3ml.server.admission.StreamWindows;

/// HTTP/2 frame by frame: a client that does what none would.
final class Http2Frames {
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    static final int DATA = 0;
    static final int HEADERS = 1;
    static final int RST_STREAM = 3;
    static final int SETTINGS = 4;
    static final int PING = 6;
    static final int GOAWAY = 7;
    static final int WINDOW_UPDATE = 8;
    static final int END_STREAM = 1;
    static final int ACK = 1;
    static final int END_HEADERS = 4;
    private static final int INITIAL_WINDOW_SIZE = 4;

    private Http2Frames() {}

    /// What begins a request for an inference by REST.
    static byte[] post() throws IOException {
        return request("POST", "/v2/models/double/infer", "application/json");
    }

    /// What begins any request by REST.
    ///
    /// @param method `GET` or `POST`
    static byte[] request(String method, String path, String contentType) throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        // :method and :scheme https of the static table (RFC 7541, appendix A).
        block.write(new byte[] {(byte) (method.equals("GET") ? 0x82 : 0x83), (byte) 0x87});
        literal(block, 4, path);
        literal(block, 1, "localhost");
        literal(block, "content-type", contentType);
        return block.toByteArray();
    }

    /// What begins a call of `ModelInfer`.
    static byte[] inferCall() throws IOException {
        ByteArrayOutputStream block = new ByteArrayOutputStream();
        block.write(new byte[] {(byte) 0x83, (byte) 0x87});
        literal(block, 4, "/inference.GRPCInferenceService/ModelInfer");
        literal(block, 1, "localhost");
        literal(block, "content-type", "application/grpc");
        literal(block, "te", "trailers");
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

    static void greet(SSLSocket socket) throws IOException {
        socket.getOutputStream().write(PREFACE);
        frame(socket, SETTINGS, 0, 0, new byte[0]);
        // SETTINGS of the server is acknowledged unseen.
        frame(socket, SETTINGS, 1, 0, new byte[0]);
    }

    static void frame(SSLSocket socket, int type, int flags, int stream, byte[] payload) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, type, flags, stream, payload);
        socket.getOutputStream().write(out.toByteArray());
    }

    static void write(ByteArrayOutputStream out, int type, int flags, int stream, byte[] payload) throws IOException {
        ByteBuffer head = ByteBuffer.allocate(9);
        head.put((byte) 0).putShort((short) payload.length).put((byte) type).put((byte) flags);
        out.write(head.putInt(stream).array());
        out.write(payload);
    }

    record Frame(int type, int flags, int stream, ByteBuffer payload) {
        int word(int at) {
            return payload.getInt(at);
        }
    }

    /// Returns what the server sent until it had seen all that was sent to it.
    static List<Frame> seen(SSLSocket socket) throws IOException {
        frame(socket, PING, 0, 0, new byte[8]);
        return until(socket, frame -> frame.type() == PING && frame.flags() == ACK);
    }

    /// Waits until the server says that little may be sent, and takes that over.
    static void takeNarrowWindow(SSLSocket socket) throws IOException {
        expect(socket, frame -> tellsWindow(frame, StreamWindows.NARROW));
        frame(socket, SETTINGS, ACK, 0, new byte[0]);
    }

    /// Waits until the rest of a stream's body may come.
    static void expectWide(SSLSocket socket, int stream) throws IOException {
        isWide(expect(socket, frame -> frame.type() == WINDOW_UPDATE && frame.stream() == stream));
    }

    /// Nothing but the rest of that stream's body may come.
    static void expectOnlyWide(SSLSocket socket, int stream) throws IOException {
        List<Frame> updates = seen(socket).stream()
                .filter(frame -> frame.type() == WINDOW_UPDATE)
                .toList();
        assertThat(updates).hasSize(1);
        assertThat(updates.getFirst().stream()).isEqualTo(stream);
        isWide(updates.getFirst());
    }

    private static void isWide(Frame update) {
        assertThat(update.word(0)).isEqualTo(StreamWindows.WIDE - StreamWindows.NARROW);
    }

    static boolean tellsWindow(Frame frame, int window) {
        return frame.type() == SETTINGS
                && frame.flags() == 0
                && frame.payload().remaining() == 6
                && frame.payload().getShort(0) == INITIAL_WINDOW_SIZE
                && frame.word(2) == window;
    }

    /// Reads what the server sends until the frame comes; fails when the connection ends before.
    static Frame expect(SSLSocket socket, Predicate<Frame> wanted) throws IOException {
        return until(socket, wanted).getLast();
    }

    /// As the other, and returns all that came.
    static List<Frame> until(SSLSocket socket, Predicate<Frame> wanted) throws IOException {
        DataInputStream in = new DataInputStream(socket.getInputStream());
        List<Frame> seen = new ArrayList<>();
        while (seen.isEmpty() || !wanted.test(seen.getLast())) {
            try {
                int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
                int type = in.readUnsignedByte();
                int flags = in.readUnsignedByte();
                int stream = in.readInt();
                seen.add(new Frame(type, flags, stream, ByteBuffer.wrap(in.readNBytes(length))));
            } catch (IOException ended) {
                throw new AssertionError("only these frames came: " + seen, ended);
            }
        }
        return seen;
    }
}
