package s3ml.server.rest;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.AttributeKey;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Ends a connection that asks for nothing: it counts whole requests, not bytes, so that a peer who sends one byte now
/// and then holds a place no longer than one who sends none.
///
/// A connection is closed when no request was completed for the idle time, and one of HTTP/1.1 also when a request that
/// has begun is not complete after the request time. While a request is served, it stays. One that has reached its age
/// is told to go, so that the client's next connection may be steered elsewhere. All calls come from the
/// connection's own thread, but [#drain], [#sendAway()] and [#isLeaving].
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports the outcome of these to the pipeline
final class ConnectionClock extends ChannelInboundHandlerAdapter {
    private static final AttributeKey<ConnectionClock> KEY = AttributeKey.valueOf("s3ml-clock");

    /// How long a connection must be quiet before a server that is ending closes it: a client that is about to send its
    /// next request has sent it by then, and is told to go by the reply.
    private static final Duration QUIET = Duration.ofSeconds(1);

    /// Looks at the clock this often within the shortest time it measures.
    private static final int LOOKS = 4;

    /// Of the age, up and down.
    private static final double VARIATION = 0.1;

    private static final long NONE = Long.MIN_VALUE;

    private final boolean streams;
    private final long requestNanos;
    private long idleNanos;
    private long quietSince = System.nanoTime();
    private long begun = NONE;
    private volatile long oldAt;
    private int serving;
    private volatile boolean told;
    private @Nullable ChannelHandlerContext context;

    /// @param streams whether the connection carries many requests at once (HTTP/2)
    ConnectionClock(boolean streams, RestChannel.Limits limits) {
        double varied = ThreadLocalRandom.current().nextDouble(1 - VARIATION, 1 + VARIATION);
        this.streams = streams;
        this.requestNanos = limits.request().toNanos();
        this.idleNanos = Math.max(limits.idle().toNanos(), requestNanos);
        this.oldAt = quietSince + (long) (limits.age().toNanos() * varied);
    }

    /// Of a connection, or of the one that an HTTP/2 stream belongs to; null before TLS is up.
    static @Nullable ConnectionClock of(Channel channel) {
        Channel connection = channel.parent() == null ? channel : channel.parent();
        ConnectionClock clock = connection.attr(KEY).get();
        return clock == null ? channel.attr(KEY).get() : clock;
    }

    /// Of a channel over which requests come, so TLS is up.
    static ConnectionClock serving(Channel channel) {
        return Objects.requireNonNull(of(channel));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        added.channel().attr(KEY).set(this);
        look(added);
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object message) {
        if (!streams && serving == 0 && begun == NONE) {
            begun = System.nanoTime();
        }
        reading.fireChannelRead(message);
    }

    /// A request is there in full, or is held: what takes time now is not its sender.
    void complete() {
        begun = NONE;
        serving++;
    }

    /// Its reply was written, or it is no longer held.
    void replied() {
        serving--;
        quietSince = System.nanoTime();
    }

    /// The server is ending: the connection goes after what is under way, and after a moment of quiet. Any thread.
    void drain() {
        ChannelHandlerContext own = context;
        if (own == null) {
            return;
        }
        own.executor().execute(() -> {
            sendAway(own, QUIET.toNanos());
            look(own);
        });
    }

    /// The client is to go now, as if the connection had reached its age. Any thread.
    void sendAway() {
        ChannelHandlerContext own = context;
        if (own == null) {
            return;
        }
        own.executor().execute(() -> {
            oldAt = System.nanoTime();
            if (streams && !told) {
                sendAway(own, requestNanos);
            }
        });
    }

    /// Whether the client was told to go, or is to be told by the next reply. Any thread.
    boolean isLeaving() {
        return told || isOld();
    }

    /// Whether the client is to go after the reply to its present request. One of HTTP/2 is told by a frame instead.
    boolean endsWithReply() {
        return !streams && isOld();
    }

    private boolean isOld() {
        return System.nanoTime() - oldAt >= 0;
    }

    /// @param quietNanos without a request, after which the connection is closed
    private void sendAway(ChannelHandlerContext own, long quietNanos) {
        told = true;
        idleNanos = quietNanos;
        quietSince = System.nanoTime();
        if (streams) {
            // RFC 9113, section 6.8: streams that are on their way are still served; the last word comes at closing.
            own.channel()
                    .writeAndFlush(
                            new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR).setExtraStreamIds(Integer.MAX_VALUE));
        }
    }

    private void look(ChannelHandlerContext own) {
        if (!own.channel().isOpen()) {
            return;
        }
        if (streams && !told && isOld()) {
            // Time for a body that is on its way.
            sendAway(own, requestNanos);
        }
        long now = System.nanoTime();
        boolean idle = serving == 0 && begun == NONE && now - quietSince >= idleNanos;
        boolean slow = begun != NONE && now - begun >= requestNanos;
        if (idle || slow) {
            own.channel().close();
            return;
        }
        own.executor().schedule(() -> look(own), Math.min(idleNanos, requestNanos) / LOOKS, TimeUnit.NANOSECONDS);
    }
}
