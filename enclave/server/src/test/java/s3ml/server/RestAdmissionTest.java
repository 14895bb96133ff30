package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static s3ml.server.Http2Frames.DATA;
import static s3ml.server.Http2Frames.END_HEADERS;
import static s3ml.server.Http2Frames.END_STREAM;
import static s3ml.server.Http2Frames.HEADERS;
import static s3ml.server.Http2Frames.RST_STREAM;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Headers;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import s3ml.protocol.SealedBody;
import s3ml.server.admission.StreamWindows;

/// What comes over an HTTP/2 connection of the REST port while requests are let in, held or refused: real sockets, with
/// a line that the test moves.
final class RestAdmissionTest {
    private static final String PATH = "/v2/models/double/infer";
    private static final byte[] CANCEL = {0, 0, 0, 8};

    /// What idle connections hold.
    private static final long IDLE = 100_000;

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
        SSLSocket socket = port.connect("h2");
        Http2Frames.greet(socket);
        return socket;
    }

    private static void announce(SSLSocket socket, int stream) throws Exception {
        Http2Frames.frame(socket, HEADERS, END_HEADERS, stream, Http2Frames.post());
    }

    private static void infer(SSLSocket socket, int stream) throws Exception {
        announce(socket, stream);
        Http2Frames.frame(socket, DATA, END_STREAM, stream, RestPort.INFER.getBytes(StandardCharsets.US_ASCII));
    }

    /// Returns the frames of a stream up to its end or its reset.
    private static List<Http2Frames.Frame> answer(SSLSocket socket, int stream) throws Exception {
        return Http2Frames.until(
                        socket,
                        frame -> frame.stream() == stream
                                && (frame.type() == RST_STREAM || (frame.flags() & END_STREAM) != 0))
                .stream()
                .filter(frame -> frame.stream() == stream)
                .toList();
    }

    private static String text(List<Http2Frames.Frame> answer) {
        StringBuilder text = new StringBuilder();
        for (Http2Frames.Frame frame : answer) {
            if (frame.type() == DATA) {
                text.append(StandardCharsets.UTF_8.decode(frame.payload().duplicate()));
            }
        }
        return text.toString();
    }

    private static void expectReset(SSLSocket socket, int stream) throws Exception {
        Http2Frames.Frame reset =
                Http2Frames.expect(socket, frame -> frame.type() == RST_STREAM && frame.stream() == stream);
        assertThat(reset.word(0)).isZero();
    }

    @Test
    void an_inference_that_finds_no_room_is_refused_before_a_byte_of_its_body() throws Exception {
        line.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            announce(socket, 1);

            List<Http2Frames.Frame> answer = answer(socket, 1);
            Http2Headers headers = new DefaultHttp2HeadersDecoder()
                    .decodeHeaders(1, Unpooled.wrappedBuffer(answer.getFirst().payload()));
            expectReset(socket, 1);
            assertThat(headers.status()).hasToString("429");
            assertThat(headers.get("retry-after")).hasToString("1");
            assertThat(headers.get("content-type")).hasToString("application/json");
            assertThat(text(answer)).startsWith("{\"error\":\"SRV-231: ").endsWith("\"}");

            // The connection goes on.
            line.findRoom(9);
            infer(socket, 3);
            assertThat(text(answer(socket, 3))).contains(RestPort.ANSWER);
        }
    }

    @Test
    void nothing_lets_more_of_a_refused_body_come() throws Exception {
        line.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            Http2Frames.takeNarrowWindow(socket);
            announce(socket, 3);
            Http2Frames.frame(socket, DATA, 0, 3, new byte[StreamWindows.NARROW]);

            List<Http2Frames.Frame> frames =
                    Http2Frames.until(socket, frame -> frame.type() == RST_STREAM && frame.stream() == 3);

            assertThat(frames.stream().filter(frame -> frame.stream() == 3).map(Http2Frames.Frame::type))
                    .containsExactly(HEADERS, DATA, RST_STREAM);
            port.awaitHeld(IDLE);
        }
    }

    @Test
    void a_held_body_is_not_read_and_answered_when_there_is_room() throws Exception {
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            Http2Frames.takeNarrowWindow(socket);
            announce(socket, 3);
            Http2Frames.frame(
                    socket, DATA, 0, 3, " ".repeat(StreamWindows.NARROW).getBytes(StandardCharsets.US_ASCII));
            assertThat(Http2Frames.seen(socket)).noneMatch(frame -> frame.stream() == 3);
            assertThat(line.line().held()).isEqualTo(2);

            line.makeRoom(9);

            Http2Frames.expectWide(socket, 3);
            Http2Frames.frame(socket, DATA, END_STREAM, 3, RestPort.INFER.getBytes(StandardCharsets.US_ASCII));
            assertThat(text(answer(socket, 3))).contains(RestPort.ANSWER);
        }
    }

    @Test
    void a_request_that_was_let_in_keeps_its_window_when_others_get_a_small_one() throws Exception {
        line.findRoom(1);
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            announce(socket, 3);
            Http2Frames.takeNarrowWindow(socket);

            Http2Frames.expectOnlyWide(socket, 1);
        }
    }

    @Test
    void one_that_waited_for_too_long_is_refused_without_its_body() throws Exception {
        try (SSLSocket socket = connect()) {
            announce(socket, 1);
            line.awaitHeld(1);

            line.pass(Duration.ofMillis(1001));

            assertThat(text(answer(socket, 1))).contains("SRV-231");
            expectReset(socket, 1);
        }
    }

    @Test
    void who_takes_back_a_held_request_gives_its_place_back() throws Exception {
        try (SSLSocket socket = connect()) {
            infer(socket, 1);
            line.awaitHeld(1);
            assertThat(port.held()).isPositive();

            Http2Frames.frame(socket, RST_STREAM, 0, 1, CANCEL);

            line.awaitHeld(0);
            port.awaitHeld(IDLE);
        }
    }

    @Test
    void connections_that_end_give_their_places_back() throws Exception {
        line.findRoom(1);
        try (SSLSocket client = connect()) {
            try (SSLSocket sending = connect();
                    SSLSocket held = connect()) {
                announce(sending, 1);
                Http2Frames.seen(sending);
                infer(held, 1);
                line.awaitHeld(1);
                infer(client, 1);
                line.awaitHeld(2);
            }

            assertThat(text(answer(client, 1))).contains(RestPort.ANSWER);
            line.awaitHeld(0);
            port.awaitHeld(IDLE);
        }
    }

    @Test
    void a_request_that_is_refused_for_what_it_says_gives_its_place_back() throws Exception {
        line.findRoom(1);
        try (SSLSocket socket = connect()) {
            for (int i = 0; i < 3; i++) {
                Http2Frames.frame(
                        socket,
                        HEADERS,
                        END_HEADERS,
                        4 * i + 1,
                        Http2Frames.request("POST", "/v2/models/absent/infer", "application/json"));
                Http2Frames.frame(
                        socket, DATA, END_STREAM, 4 * i + 1, RestPort.INFER.getBytes(StandardCharsets.US_ASCII));
                assertThat(text(answer(socket, 4 * i + 1))).contains("SRV-204");

                infer(socket, 4 * i + 3);
                assertThat(text(answer(socket, 4 * i + 3))).contains(RestPort.ANSWER);
            }
        }
    }

    @Test
    void what_is_no_inference_passes_while_the_line_is_full() throws Exception {
        line.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            infer(socket, 1);
            assertThat(text(answer(socket, 1))).contains("SRV-231");

            Http2Frames.frame(
                    socket,
                    HEADERS,
                    END_HEADERS | END_STREAM,
                    3,
                    Http2Frames.request("GET", "/v2/models/double", "application/json"));
            assertThat(text(answer(socket, 3))).contains("\"platform\"");
            Http2Frames.frame(
                    socket,
                    HEADERS,
                    END_HEADERS,
                    5,
                    Http2Frames.request("POST", "/v2/repository/index", "application/json"));
            Http2Frames.frame(socket, DATA, END_STREAM, 5, new byte[] {'{', '}'});
            assertThat(text(answer(socket, 5))).contains("READY");
        }
    }

    @Test
    void who_may_not_is_told_so_before_whether_there_is_room() throws Exception {
        line.find(TestLine.HOPELESS);
        try (SSLSocket socket = connect()) {
            Http2Frames.frame(
                    socket,
                    HEADERS,
                    END_HEADERS,
                    1,
                    Http2Frames.request("POST", "/v1/models/secret:predict", "application/json"));

            assertThat(text(answer(socket, 1))).contains("SRV-242");
        }
    }

    @Test
    void sealed_requests_wait_in_the_same_line() throws Exception {
        try (SealedBody.SealedRequest sealed = SealedBody.seal(
                        port.server().hpkeKey().config(),
                        new SealedBody.Target("POST", PATH, "double"),
                        new SealedBody.Content(SealedBody.JSON_ONLY, ByteString.copyFromUtf8(RestPort.INFER)),
                        Instant.now());
                SSLSocket socket = connect()) {
            byte[] headers = Http2Frames.request("POST", PATH, SealedBody.MEDIA_TYPE);
            line.find(TestLine.HOPELESS);
            Http2Frames.frame(socket, HEADERS, END_HEADERS, 1, headers);
            assertThat(text(answer(socket, 1))).contains("SRV-231");
            line.find(TestLine.FULL);
            Http2Frames.frame(socket, HEADERS, END_HEADERS, 3, headers);
            Http2Frames.frame(socket, DATA, END_STREAM, 3, sealed.bytes().toByteArray());
            line.awaitHeld(1);

            line.makeRoom(9);

            ByteString answer = answer(socket, 3).stream()
                    .filter(frame -> frame.type() == DATA)
                    .map(frame -> ByteString.copyFrom(frame.payload()))
                    .reduce(ByteString.EMPTY, ByteString::concat);
            assertThat(sealed.open(200, answer).body().toStringUtf8()).contains(RestPort.ANSWER);
        }
    }

    @Test
    void a_client_that_sends_a_megabyte_reads_the_refusal_and_goes_on() throws Exception {
        line.find(TestLine.HOPELESS);
        HttpRequest large = HttpRequest.newBuilder(port.uri(PATH))
                .timeout(Duration.ofSeconds(30))
                .POST(HttpRequest.BodyPublishers.ofString(" ".repeat(1 << 20) + RestPort.INFER))
                .build();
        try (HttpClient client = port.server().http(HttpClient.Version.HTTP_2)) {
            for (int i = 0; i < 5; i++) {
                HttpResponse<String> refused = client.send(large, HttpResponse.BodyHandlers.ofString());

                assertThat(refused.statusCode()).isEqualTo(429);
                assertThat(refused.body()).contains("SRV-231");
            }
            line.findRoom(9);
            assertThat(client.send(large, HttpResponse.BodyHandlers.ofString()).body())
                    .contains(RestPort.ANSWER);
        }
    }
}
