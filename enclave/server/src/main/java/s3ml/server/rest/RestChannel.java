package s3ml.server.rest;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// Sets up a connection of the REST port: TLS, then HTTP/2 or HTTP/1.1 as ALPN says, then limits, then the API.
public final class RestChannel extends ChannelInitializer<Channel> {
    private static final int MAX_REQUEST_LINE = 4096;
    private static final int MAX_HEADERS = 16 * 1024;

    /// Streams of one HTTP/2 connection that may be open at once.
    private static final int MAX_STREAMS = 100;

    /// What a sender may have in flight before we read it: two detector images, so that one request need not wait.
    private static final int WINDOW = 2 << 20;

    /// Shorter replies cost more to compress than to send.
    private static final int COMPRESS_FROM = 1024;

    private final SslContext tls;
    private final RestApi api;
    private final BooleanSupplier draining;
    private final Limits limits;

    /// Bounds of a connection.
    ///
    /// @param maxBodyBytes of a request, after decompression
    /// @param handshake time for TLS
    /// @param request time from a request's first byte to its last
    /// @param idle time between requests
    public record Limits(int maxBodyBytes, Duration handshake, Duration request, Duration idle) {}

    /// @param draining whether connections should end after their present request
    public RestChannel(SslContext tls, RestApi api, BooleanSupplier draining, Limits limits) {
        this.tls = tls;
        this.api = api;
        this.draining = draining;
        this.limits = limits;
    }

    @Override
    protected void initChannel(Channel channel) {
        SslHandler handler = tls.newHandler(channel.alloc());
        handler.setHandshakeTimeout(limits.handshake().toMillis(), TimeUnit.MILLISECONDS);
        channel.pipeline().addLast(handler).addLast(new Negotiated());
    }

    /// Waits for the handshake, then adds what the negotiated protocol needs.
    @SuppressWarnings("FutureReturnValueIgnored") // Netty reports the outcome of these to the pipeline
    private final class Negotiated extends ApplicationProtocolNegotiationHandler {
        Negotiated() {
            super(ApplicationProtocolNames.HTTP_1_1);
        }

        @Override
        protected void configurePipeline(ChannelHandlerContext context, String protocol) {
            ChannelPipeline pipeline = context.pipeline();
            pipeline.addLast(new IdleStateHandler(0, 0, (int) limits.idle().toSeconds()), new CloseWhenIdle());
            if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
                Http2Settings settings = Http2Settings.defaultSettings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .initialWindowSize(WINDOW)
                        .maxHeaderListSize(MAX_HEADERS);
                pipeline.addLast(Http2FrameCodecBuilder.forServer()
                        .initialSettings(settings)
                        .build());
                pipeline.addLast(new Http2MultiplexHandler(new Stream()));
            } else {
                pipeline.addLast(new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(MAX_REQUEST_LINE)
                        .setMaxHeaderSize(MAX_HEADERS)));
                addApi(pipeline);
            }
        }

        @Override
        protected void handshakeFailure(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    private void addApi(ChannelPipeline pipeline) {
        pipeline.addLast(
                new HttpContentDecompressor(true, limits.maxBodyBytes()),
                new HttpContentCompressor(
                        COMPRESS_FROM, StandardCompressionOptions.gzip(), StandardCompressionOptions.deflate()),
                new BodyAggregator(limits.maxBodyBytes(), limits.request()),
                new RestHandler(api, draining));
    }

    /// One HTTP/2 stream looks like a connection with one request.
    private final class Stream extends ChannelInitializer<Channel> {
        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true));
            addApi(channel.pipeline());
        }
    }
}
