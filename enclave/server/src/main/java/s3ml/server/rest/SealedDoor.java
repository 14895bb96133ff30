package s3ml.server.rest;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.protocol.Lease;
import s3ml.protocol.ReplayWindow;
import s3ml.protocol.SealedBody;
import s3ml.protocol.trace.TraceParent;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.Terms;

/// Opens sealed request bodies and seals their replies, so that whoever ends TLS on the way sees neither.
///
/// A request that does not open, or came before, is refused in the clear: nothing of it was read. Everything else,
/// refusals included, goes back sealed. Thread-safe.
public final class SealedDoor {
    /// How old a sealed request may be: more than clocks differ, less than a store of replays is worth.
    private static final Duration WINDOW = Duration.ofMinutes(5);

    /// Requests remembered in twice the window, 580 a second: at most 17 MB of the heap, in two generations.
    private static final int REMEMBERED = 349_000;

    /// Of an answer: its bytes, what is sealed beside them, and that again as it goes out.
    private static final long ANSWER_COPIES = 4;

    private final SecureRandom random;
    private final ReplayWindow replays;
    private volatile List<Lease.HpkeServiceKey> keys = List.of();

    public SealedDoor(SecureRandom random, InstantSource clock) {
        this.random = random;
        this.replays = new ReplayWindow(WINDOW, REMEMBERED, clock, random);
    }

    /// Takes the keys of a new lease, which are copied; sealed requests that are being opened keep the old ones.
    public void renew(List<Lease.HpkeServiceKey> renewed) {
        keys = renewed.stream()
                .map(key ->
                        new Lease.HpkeServiceKey(key.config(), key.privateKey().expose(SecretBytes::copyOf)))
                .toList();
    }

    static boolean isSealed(@Nullable String contentType) {
        return SealedBody.MEDIA_TYPE.equals(contentType);
    }

    /// The way on, once a request is open.
    interface Inner {
        void handle(RestRequest opened, Consumer<RestReply> reply);
    }

    /// @param model that the path names
    void open(RestRequest request, String model, Inner inner, Consumer<RestReply> reply) {
        SealedBody.OpenedRequest opened = open(request, model);
        switch (replays.admit(opened.encapsulatedKey(), opened.sentAt())) {
            case ADMITTED ->
                inner.handle(inner(request, opened), answer -> reply.accept(seal(opened, room(request, answer))));
            case OUT_OF_WINDOW ->
                throw closed(opened, Fault.NOT_OPENED, "the sealed request was not sent within five minutes of now");
            case REPLAYED -> throw closed(opened, Fault.NOT_OPENED, "the sealed request came before");
            case FULL -> throw closed(opened, Fault.OVERLOADED, "too many sealed requests to remember");
        }
    }

    private static RequestRefused closed(SealedBody.OpenedRequest opened, Fault fault, String why) {
        opened.close();
        return new RequestRefused(fault, why);
    }

    private SealedBody.OpenedRequest open(RestRequest request, String model) {
        int query = request.path().indexOf('?');
        String path = query < 0 ? request.path() : request.path().substring(0, query);
        int length = request.body().readableBytes();
        request.heap().take(2L * length);
        try {
            SealedBody.OpenedRequest opened = SealedBody.open(
                    keys,
                    new SealedBody.Target(request.method(), path, model),
                    new ByteBufInputStream(request.body().duplicate()),
                    length);
            request.heap().giveBack(length);
            return opened;
        } catch (S3mlException failure) {
            // PRO-151 tells the client to fetch the keys again; both codes say nothing about the content.
            throw new RequestRefused(Fault.NOT_OPENED, "the sealed body does not open (" + failure.code() + ")");
        } catch (IllegalArgumentException tooLong) {
            throw new RequestRefused(Fault.NOT_OPENED, "the path is too long for a sealed body");
        }
    }

    private static RestRequest inner(RestRequest request, SealedBody.OpenedRequest opened) {
        SealedBody.Content content = opened.content();
        HttpHeaders headers = new DefaultHttpHeaders();
        // Neither says anything about the content, and a proxy may rightly set them.
        for (String visible : List.of(Terms.AFFINITY_HEADER, TraceParent.HEADER)) {
            request.header(visible).ifPresent(value -> headers.set(visible, value));
        }
        if (!opened.authorization().isEmpty()) {
            headers.set("authorization", opened.authorization());
        }
        if (content.headerBytes() != SealedBody.JSON_ONLY) {
            headers.set(InferReply.HEADER_LENGTH, content.headerBytes());
        }
        ByteBuf body = Unpooled.wrappedBuffer(content.body().asReadOnlyByteBuffer());
        // What has no body was a GET, which could not carry a sealed one.
        String method = content.body().isEmpty() ? "GET" : request.method();
        return new RestRequest(method, request.path(), headers, body, request.who(), request.heap());
    }

    /// The answer, or that there is no room to seal it.
    private static RestReply room(RestRequest request, RestReply answer) {
        try {
            request.heap().take(ANSWER_COPIES * answer.body().readableBytes());
            return answer;
        } catch (RequestRefused noRoom) {
            answer.body().release();
            return RestReply.refusal(noRoom);
        }
    }

    private RestReply seal(SealedBody.OpenedRequest opened, RestReply answer) {
        try (opened) {
            String length = answer.headers().get(InferReply.HEADER_LENGTH);
            byte[] body = new byte[answer.body().readableBytes()];
            answer.body().readBytes(body);
            answer.body().release();
            SealedBody.Content content = new SealedBody.Content(
                    length == null ? SealedBody.JSON_ONLY : Integer.parseInt(length),
                    UnsafeByteOperations.unsafeWrap(body));
            Map<String, String> headers = new HashMap<>(answer.headers());
            headers.remove(InferReply.HEADER_LENGTH);
            ByteString sealed = opened.seal(answer.status(), content, random);
            return new RestReply(
                    answer.status(),
                    SealedBody.MEDIA_TYPE,
                    Unpooled.wrappedBuffer(sealed.asReadOnlyByteBuffer()),
                    headers);
        }
    }
}
