package s3ml.server.rest;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import s3ml.protocol.access.AccessRules;
import s3ml.server.engine.Fault;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.RequestRefused;

/// Answers the requests of one HTTP connection (or HTTP/2 stream), of which [RequestAdmission] lets one in at a time:
/// HTTP/1.1 demands replies in the order of their requests.
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports the outcome of these to the pipeline
final class RestHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
    private final RestApi api;
    private final RequestAdmission admission;

    /// @param admission of the same pipeline
    RestHandler(RestApi api, RequestAdmission admission) {
        super(false);
        this.api = api;
        this.admission = admission;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
        admission.taken();
        ConnectionClock.serving(context.channel()).complete();
        boolean head = HttpMethod.HEAD.equals(request.method());
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        boolean answer = ReplyCompressor.isAnswer(request.uri());
        HeapBudget.Share heap = api.heap().share();
        Consumer done = reply -> {
            heap.close();
            // A buffered copy may be what the reply is made of: the request goes only now.
            request.release();
            write(
                    context,
                    answer ? reply : reply.withHeader(ReplyCompressor.PLAIN, ""),
                    keepAlive && admission.staysOpen(),
                    head);
        };
        if (request.decoderResult().isFailure()) {
            done.accept(RestReply.refusal(new RequestRefused(Fault.MALFORMED, "the request is not HTTP")));
            return;
        }
        String encoding = request.headers().get(HttpHeaderNames.CONTENT_ENCODING, "identity");
        if (!encoding.equalsIgnoreCase("identity")) {
            done.accept(RestReply.refusal(new RequestRefused(
                    Fault.UNKNOWN_ENCODING, "the body's encoding is neither gzip nor deflate nor identity")));
            return;
        }
        api.handle(
                new RestRequest(
                        request.method().name(),
                        request.uri(),
                        request.headers(),
                        request.content(),
                        AccessRules.NOBODY.anonymous(),
                        heap),
                () -> session(context.channel()),
                () -> !context.channel().isActive(),
                reply -> onLoop(context, () -> done.accept(reply)));
    }

    /// Of the connection, or of the one that an HTTP/2 stream belongs to.
    static @Nullable SSLSession session(Channel channel) {
        SslHandler handler = channel.pipeline().get(SslHandler.class);
        if (handler == null && channel.parent() != null) {
            handler = channel.parent().pipeline().get(SslHandler.class);
        }
        return handler == null ? null : handler.engine().getSession();
    }

    /// Called with the reply, on the connection's own thread.
    private interface Consumer {
        void accept(RestReply reply);
    }

    private static void onLoop(ChannelHandlerContext context, Runnable action) {
        if (context.executor().inEventLoop()) {
            action.run();
        } else {
            context.executor().execute(action);
        }
    }

    private void write(ChannelHandlerContext context, RestReply reply, boolean keepAlive, boolean head) {
        FullHttpResponse response = reply.response(keepAlive);
        if (head) {
            FullHttpResponse whole = response;
            response = whole.replace(Unpooled.EMPTY_BUFFER);
            whole.release();
        }
        ChannelFuture written = context.writeAndFlush(response);
        ConnectionClock.serving(context.channel()).replied();
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
            return;
        }
        admission.answered();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A peer that breaks TLS or HTTP gets no explanation, and the log no line that it could multiply.
        context.close();
    }
}
