package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What comes over an HTTP/1.1 connection while its requests are let in, held or refused: real sockets, with a line
/// that the test moves.
final class Http1AdmissionTest {
    private static final int LARGE = 1 << 20;

    private final TestLine line = new TestLine();
    private RestPort port;

    @BeforeEach
    void start() throws Exception {
        port = new RestPort(line);
    }

    @AfterEach
    void stop() throws Exception {
        port.close();
    }

    private SSLSocket connect() throws Exception {
        return port.connect("http/1.1");
    }

    private static void send(SSLSocket socket, String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String head(int length, String... more) {
        return "POST /v2/models/double/infer HTTP/1.1\r\nhost: x\r\ncontent-length: " + length + "\r\n"
                + String.join("", more) + "\r\n";
    }

    private static String infer() {
        return head(RestPort.INFER.length()) + RestPort.INFER;
    }

    private record Reply(String head, String body) {}

    private static Reply reply(SSLSocket socket) throws IOException {
        InputStream in = socket.getInputStream();
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new AssertionError("the connection ended after " + head.toString(StandardCharsets.US_ASCII));
            }
            head.write(next);
        }
        String text = head.toString(StandardCharsets.US_ASCII).toLowerCase(Locale.ROOT);
        int length = Arrays.stream(text.split("\r\n", -1))
                .filter(line -> line.startsWith("content-length: "))
                .mapToInt(line -> Integer.parseInt(line.substring(16)))
                .findFirst()
                .orElse(0);
        return new Reply(text, new String(in.readNBytes(length), StandardCharsets.UTF_8));
    }

    private static void assertSilent(SSLSocket socket) throws IOException {
        socket.setSoTimeout(200);
        try {
            throw new AssertionError(
                    "the server said " + socket.getInputStream().read());
        } catch (SocketTimeoutException silent) {
            socket.setSoTimeout(30_000);
        }
    }

    private static void assertRefused(Reply reply) {
        assertThat(reply.head())
                .startsWith("http/1.1 429 ")
                .contains("retry-after: 1\r\n", "content-type: application/json\r\n");
        assertThat(reply.body()).startsWith("{\"error\":\"SRV-231: ");
    }

    @Test
    void an_inference_that_finds_no_room_is_refused_before_a_byte_of_its_body() throws Exception {
        line.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            send(socket, head(RestPort.INFER.length()));
            Reply refused = reply(socket);

            assertRefused(refused);
            assertThat(refused.head()).doesNotContain("connection: close");
            // What was on its way is dropped, and the connection goes on.
            send(socket, RestPort.INFER);
            line.findRoom(9);
            send(socket, infer());
            assertThat(reply(socket).body()).contains(RestPort.ANSWER);
        }
    }

    @Test
    void a_large_body_that_is_refused_ends_the_connection_when_all_of_it_was_sent() throws Exception {
        line.find(TestLine.HOPELESS);
        for (String length : new String[] {"content-length: " + LARGE, "transfer-encoding: chunked"}) {
            try (SSLSocket socket = connect()) {
                send(socket, "POST /v2/models/double/infer HTTP/1.1\r\nhost: x\r\n" + length + "\r\n\r\n");
                Reply refused = reply(socket);

                assertRefused(refused);
                assertThat(refused.head()).contains("connection: close");
                String body = " ".repeat(LARGE);
                send(socket, length.startsWith("c") ? body : "100000\r\n" + body + "\r\n0\r\n\r\n");
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        }
    }

    @Test
    void a_held_request_is_answered_when_there_is_room_and_those_behind_it_in_turn() throws Exception {
        try (SSLSocket socket = connect()) {
            send(socket, infer() + "GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n" + infer());
            line.awaitHeld(1);
            assertSilent(socket);

            line.makeRoom(9);

            assertThat(reply(socket).body()).contains(RestPort.ANSWER);
            assertThat(reply(socket).body()).contains("live");
            assertThat(reply(socket).body()).contains(RestPort.ANSWER);
        }
    }

    @Test
    void one_that_waited_for_too_long_is_refused() throws Exception {
        try (SSLSocket socket = connect()) {
            send(socket, infer());
            line.awaitHeld(1);

            line.pass(Duration.ofMillis(1001));

            assertRefused(reply(socket));
            line.findRoom(9);
            send(socket, infer());
            assertThat(reply(socket).body()).contains(RestPort.ANSWER);
        }
    }

    @Test
    void a_held_body_stays_with_its_sender() throws Exception {
        AtomicLong sent = new AtomicLong();
        try (SSLSocket socket = connect()) {
            send(socket, head(30 << 20));
            line.awaitHeld(1);
            Thread sender = Thread.ofVirtual().start(() -> {
                try {
                    for (int i = 0; i < 30; i++) {
                        socket.getOutputStream().write(new byte[LARGE]);
                        sent.addAndGet(LARGE);
                    }
                } catch (IOException cut) {
                    // The end of the test.
                }
            });
            long before = -1;
            while (before != sent.get()) {
                before = sent.get();
                Thread.sleep(300);
            }

            assertThat(port.held()).isLessThan(LARGE);
            assertThat(sent.get()).isLessThan(30L << 20);

            line.makeRoom(9);
            assertThat(reply(socket).head()).startsWith("http/1.1 400 ");
            sender.join();
        }
    }

    @Test
    void connections_that_end_give_their_places_back() throws Exception {
        line.findRoom(1);
        try (SSLSocket client = connect()) {
            try (SSLSocket sending = connect();
                    SSLSocket held = connect()) {
                send(sending, head(LARGE) + "{");
                send(sending, "{");
                // Its place is taken when another one has to wait.
                while (line.line().held() == 0) {
                    Thread.sleep(20);
                    send(held, infer());
                }
                send(client, infer());
                line.awaitHeld(2);
            }

            assertThat(reply(client).body()).contains(RestPort.ANSWER);
            line.awaitHeld(0);
        }
    }

    @Test
    void a_body_that_is_announced_too_large_gives_its_place_back() throws Exception {
        line.findRoom(1);
        try (SSLSocket large = connect();
                SSLSocket client = connect()) {
            send(large, head(64 << 20));
            assertThat(reply(large).head()).startsWith("http/1.1 413 ");

            send(client, infer());

            assertThat(reply(client).body()).contains(RestPort.ANSWER);
        }
    }

    @Test
    void who_waits_to_be_told_to_send_is_told_when_admitted() throws Exception {
        try (SSLSocket socket = connect()) {
            send(socket, head(RestPort.INFER.length(), "expect: 100-continue\r\n"));
            line.awaitHeld(1);
            assertSilent(socket);

            line.makeRoom(9);

            assertThat(reply(socket).head()).startsWith("http/1.1 100 ");
            send(socket, RestPort.INFER);
            assertThat(reply(socket).body()).contains(RestPort.ANSWER);
        }
    }

    @Test
    void who_waits_to_be_told_to_send_and_is_refused_need_not_send() throws Exception {
        line.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            send(socket, head(RestPort.INFER.length(), "expect: 100-continue\r\n"));
            Reply refused = reply(socket);

            assertRefused(refused);
            assertThat(refused.head()).contains("connection: close");
        }
    }

    @Test
    void what_is_no_inference_passes_while_the_line_is_full() throws Exception {
        line.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            send(socket, infer());
            assertRefused(reply(socket));

            send(socket, "GET /v2/models/double HTTP/1.1\r\nhost: x\r\n\r\n");

            assertThat(reply(socket).body()).contains("\"platform\"");
        }
    }
}
