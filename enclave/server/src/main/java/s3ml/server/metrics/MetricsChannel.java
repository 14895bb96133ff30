package s3ml.server.metrics;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;
import s3ml.server.steering.Steering;

/// The metrics port: `GET /metrics`, and `/health/live` and `/health/ready` for orchestrators, which cannot trust the
/// serving ports' certificates. `PUT /share` tells this server its share of its model's load, an integer in decimal
/// digits. One request a connection.
public final class MetricsChannel extends ChannelInitializer<Channel> {
    private static final int MAX_BODY = 1024;
    private static final int TIMEOUT_SECONDS = 10;
    private static final int LONGEST = Integer.toString(Steering.MOST).length();
    private static final String WANTED = "an integer from 0 to " + Steering.MOST + ": a share in millionths\n";

    private final MetricsText metrics;
    private final BooleanSupplier ready;
    private final Steering steering;

    public MetricsChannel(MetricsText metrics, BooleanSupplier ready, Steering steering) {
        this.metrics = metrics;
        this.ready = ready;
        this.steering = steering;
    }

    @Override
    protected void initChannel(Channel channel) {
        channel.pipeline()
                .addLast(
                        new ReadTimeoutHandler(TIMEOUT_SECONDS),
                        new HttpServerCodec(),
                        new HttpObjectAggregator(MAX_BODY),
                        new Handler());
    }

    /// A share; empty for anything else, signs and spaces too.
    private static OptionalInt parse(String text) {
        boolean digits =
                !text.isEmpty() && text.length() <= LONGEST && text.chars().allMatch(c -> c >= '0' && c <= '9');
        int share = digits ? Integer.parseInt(text) : -1;
        return share >= 0 && share <= Steering.MOST ? OptionalInt.of(share) : OptionalInt.empty();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // Netty reports the outcome of these to the pipeline
    private final class Handler extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            switch (request.uri()) {
                case "/metrics" -> reply(context, 200, metrics.render());
                case "/health/live" -> reply(context, 200, "live\n");
                case "/health/ready" ->
                    reply(context, ready.getAsBoolean() ? 200 : 503, ready.getAsBoolean() ? "ready\n" : "not ready\n");
                case "/share" -> share(context, request);
                default -> reply(context, 404, "/metrics, /health/live, /health/ready, /share\n");
            }
        }

        private void share(ChannelHandlerContext context, FullHttpRequest request) {
            if (!HttpMethod.PUT.equals(request.method())) {
                reply(context, 405, "PUT\n");
                return;
            }
            OptionalInt told = request.decoderResult().isSuccess()
                    ? parse(request.content().toString(StandardCharsets.US_ASCII))
                    : OptionalInt.empty();
            told.ifPresent(steering::tell);
            reply(context, told.isPresent() ? 200 : 400, told.isPresent() ? "taken\n" : WANTED);
        }

        private void reply(ChannelHandlerContext context, int status, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            FullHttpResponse response = new DefaultFullHttpResponse(
                    HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(bytes));
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")
                    .set(HttpHeaderNames.CONTENT_LENGTH, bytes.length)
                    .set(HttpHeaderNames.CONNECTION, "close");
            if (status == 405) {
                response.headers().set(HttpHeaderNames.ALLOW, HttpMethod.PUT);
            }
            context.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }
}
