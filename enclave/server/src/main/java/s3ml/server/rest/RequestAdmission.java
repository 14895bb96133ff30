package s3ml.server.rest;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import s3ml.server.admission.WaitingLine;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.RequestRefused;

/// Lets the requests of a connection (or HTTP/2 stream) in, one after the other, and the body of an inference only when
/// there will be room for it. An inference that finds none is held, or refused by its headers alone.
///
/// Stands before whoever reads bodies, and alone decides when the channel is read: not while a request is held, nor
/// while one is served, so that a client that pipelines without reading replies costs its own memory and not this
/// server's. What was read by then waits here.
///
/// All calls come from the connection's own thread, but those of the [WaitingLine].
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports the outcome of these to the pipeline
final class RequestAdmission extends ChannelDuplexHandler implements WaitingLine.Caller {
    /// Of a refused HTTP/1.1 request: as much is read for nothing rather than a connection with its TLS is made anew.
    private static final int SHORT_BODY = 64 * 1024;

    private final RestApi api;
    private final BooleanSupplier draining;
    private final WaitingLine.Party party;
    private final @Nullable StreamAdmission streams;

    private final Deque<Object> waiting = new ArrayDeque<>();
    private Phase phase = Phase.BETWEEN;
    private boolean passing;

    /// Of the present request, until its body is there.
    private WaitingLine.@Nullable Place place;

    /// Of a connection that ends with a refusal, when what is left of the request was dropped.
    private @Nullable ChannelFuture lastReply;

    private @Nullable ChannelHandlerContext context;

    private enum Phase {
        /// The next request may come, or the held one that was admitted.
        BETWEEN,
        /// The request is the first of those that wait here.
        HELD,
        /// The body may come.
        COMING,
        SERVED,
        /// What is left of a refused request is dropped.
        DROPPED,
        /// Nothing more is read.
        OVER;

        private boolean stops() {
            return this == HELD || this == SERVED || this == OVER;
        }
    }

    /// @param draining whether connections should end after their present request
    /// @param party of the connection
    /// @param streams of the connection; null for HTTP/1.1
    RequestAdmission(
            RestApi api, BooleanSupplier draining, WaitingLine.Party party, @Nullable StreamAdmission streams) {
        this.api = api;
        this.draining = draining;
        this.party = party;
        this.streams = streams;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext own) {
        context = own;
    }

    private ChannelHandlerContext own() {
        return Objects.requireNonNull(context);
    }

    private ConnectionClock clock() {
        return ConnectionClock.serving(own().channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext own, Object message) {
        if (phase == Phase.OVER) {
            ReferenceCountUtil.release(message);
            return;
        }
        waiting.add(message);
        pass();
    }

    @Override
    public void read(ChannelHandlerContext own) {
        // Decoders behind ask for more on their own.
        if (!phase.stops()) {
            own.read();
        }
    }

    /// The present request is there in full, and nothing of another one should come before [#answered].
    void taken() {
        phase = Phase.SERVED;
    }

    /// The reply to the present request was written, and the connection stays.
    void answered() {
        if (phase == Phase.SERVED) {
            phase = Phase.BETWEEN;
            pass();
        }
    }

    /// Whether another request may follow the present reply.
    boolean staysOpen() {
        return !draining.getAsBoolean() && !clock().endsWithReply();
    }

    private void pass() {
        if (passing) {
            // A reply was written while a request was passed on.
            return;
        }
        passing = true;
        try {
            while (!phase.stops() && !waiting.isEmpty()) {
                pass(waiting.remove());
            }
        } finally {
            passing = false;
        }
        own().channel().config().setAutoRead(!phase.stops());
    }

    private void pass(Object message) {
        if (phase == Phase.DROPPED) {
            boolean last = message instanceof LastHttpContent;
            ReferenceCountUtil.release(message);
            if (last) {
                dropped();
            }
            return;
        }
        if (message instanceof HttpRequest request && !enters(request)) {
            return;
        }
        boolean last = message instanceof LastHttpContent;
        own().fireChannelRead(message);
        if (last) {
            // Not before: until it is counted in the queue, another one would be let in instead.
            if (place != null) {
                place.arrived();
                place = null;
            }
            phase = phase == Phase.COMING ? Phase.BETWEEN : phase;
        }
    }

    /// Returns false for a request that does not go on now.
    private boolean enters(HttpRequest request) {
        if (phase == Phase.COMING) {
            // The one before ended without its body: its expectation was not met.
            giveUp();
        }
        boolean admitted = place != null;
        phase = Phase.COMING;
        if (admitted || request.decoderResult().isFailure()) {
            return true;
        }
        try {
            if (!api.isInference(request, () -> RestHandler.session(own().channel()))) {
                return true;
            }
            place = party.ask(InferenceRequest.DEFAULT_TIMEOUT_NANOS, this);
        } catch (RequestRefused why) {
            refuse(request, why);
            return false;
        }
        if (place.waits()) {
            hold(request);
            return false;
        }
        if (streams != null) {
            streams.letIn(own().channel());
        }
        return true;
    }

    private void hold(HttpRequest request) {
        waiting.addFirst(request);
        phase = Phase.HELD;
        closeWithStream();
        clock().complete();
    }

    @Override
    public void admitted() {
        own().executor().execute(() -> {
            if (phase != Phase.HELD) {
                return;
            }
            clock().replied();
            phase = Phase.BETWEEN;
            if (streams != null) {
                streams.letIn(own().channel());
                streams.flush();
            }
            pass();
        });
    }

    @Override
    public void refused(RequestRefused why) {
        own().executor().execute(() -> {
            if (phase != Phase.HELD) {
                return;
            }
            clock().replied();
            refuse((HttpRequest) waiting.remove(), why);
            pass();
        });
    }

    private void refuse(HttpRequest request, RequestRefused why) {
        place = null;
        boolean stays = HttpUtil.isKeepAlive(request) && staysOpen() && (streams != null || isShort(request));
        ReferenceCountUtil.release(request);
        closeWithStream();
        ChannelFuture written = own().writeAndFlush(RestReply.refusal(why).response(stays));
        if (streams != null) {
            // The stream is reset if more of the body was to come.
            phase = Phase.OVER;
            counted();
            return;
        }
        lastReply = stays ? null : written;
        phase = Phase.DROPPED;
        if (request instanceof LastHttpContent) {
            dropped();
        }
    }

    /// Whether what is left of a request may be read for nothing. One that waits to be told to send its body may send
    /// it or not: what would follow it cannot be told apart from it.
    private static boolean isShort(HttpRequest request) {
        return !HttpUtil.is100ContinueExpected(request)
                && !HttpUtil.isTransferEncodingChunked(request)
                && HttpUtil.getContentLength(request, 0L) <= SHORT_BODY;
    }

    private void dropped() {
        counted();
        if (lastReply == null) {
            phase = Phase.BETWEEN;
        } else {
            // Not before: a connection closed at once would be reset under the sender's writes, and the reply lost.
            phase = Phase.OVER;
            lastReply.addListener(ChannelFutureListener.CLOSE);
        }
    }

    /// A request is over that the rest of the pipeline did not see.
    private void counted() {
        clock().complete();
        clock().replied();
    }

    private void closeWithStream() {
        if (streams != null) {
            streams.whenEnded(
                    own().channel(),
                    () -> own().executor().execute(() -> {
                        if (phase == Phase.HELD || phase == Phase.OVER) {
                            own().close();
                        }
                    }));
        }
    }

    @Override
    public void write(ChannelHandlerContext own, Object message, ChannelPromise promise) {
        if (phase == Phase.COMING
                && message instanceof HttpResponse response
                && response.status().codeClass() != HttpStatusClass.INFORMATIONAL) {
            // Refused before the whole body was there.
            giveUp();
        }
        own.write(message, promise);
    }

    private void giveUp() {
        if (place != null) {
            place.givenUp();
            place = null;
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext own) {
        giveUp();
        if (phase == Phase.HELD) {
            clock().replied();
        }
        phase = Phase.OVER;
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        own.fireChannelInactive();
    }
}
