package s3ml.server.rest;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;

/// Collects a request's body up to a size and within a time: a client that sends a byte a second must not hold memory.
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports the outcome of these to the pipeline
final class BodyAggregator extends HttpObjectAggregator {
    private final Duration limit;
    private @Nullable ScheduledFuture<?> timer;
    private boolean oversized;

    BodyAggregator(int maxBytes, Duration limit) {
        super(maxBytes);
        this.limit = limit;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        if (message instanceof HttpRequest && timer == null) {
            timer = context.executor().schedule(() -> context.close(), limit.toMillis(), TimeUnit.MILLISECONDS);
        }
        boolean last = message instanceof LastHttpContent;
        if (last) {
            stopTimer();
        }
        super.channelRead(context, message);
        if (last && oversized) {
            context.close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        stopTimer();
        super.channelInactive(context);
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel(false);
            timer = null;
        }
    }

    @Override
    protected void handleOversizedMessage(ChannelHandlerContext context, HttpMessage message) {
        // What still comes is dropped until the end or the time is up: a connection closed at once would be reset under
        // the sender's writes, and the reply lost.
        oversized = true;
        RestReply refusal = RestReply.refusal(new RequestRefused(Fault.TOO_LARGE, "the body is larger than is taken"));
        context.writeAndFlush(refusal.response(false));
    }
}
