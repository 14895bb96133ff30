package s3ml.server.rest;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpContentDecompressor;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrameToHttpObjectCodec;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import s3ml.server.admission.StreamWindows;
import s3ml.server.admission.WaitingLine;

/// Sets up a connection of the REST port: TLS, then HTTP/2 or HTTP/1.1 as ALPN says, then limits, then the API.
public final class RestChannel extends ChannelInitializer<Channel> {
    private static final int MAX_REQUEST_LINE = 4096;
    private static final int MAX_HEADERS = 16 * 1024;

    /// Streams of one HTTP/2 connection that may be open at once.
    private static final int MAX_STREAMS = 100;

    /// Streams that a peer may take back within [#RESETS_SECONDS]; above it the connection ends. Clients whose
    /// deadlines pass under overload stay below it, a flood of resets (CVE-2023-44487) does not.
    public static final int MAX_RESETS = 1000;

    public static final int RESETS_SECONDS = 10;

    /// Replies that are written together at most: what a client waits for must not wait for much else.
    private static final int FLUSHES = 32;

    private final SslContext tls;
    private final RestApi api;
    private final BooleanSupplier draining;
    private final Limits limits;
    private final WaitingLine line;

    /// Bounds of a connection.
    ///
    /// @param maxBodyBytes of a request, after decompression
    /// @param handshake time for TLS
    /// @param request time from a request's first byte to its last
    /// @param idle time between requests
    /// @param age of a connection at which its client is told to go, give or take a tenth
    public record Limits(int maxBodyBytes, Duration handshake, Duration request, Duration idle, Duration age) {}

    /// @param draining whether connections should end after their present request
    /// @param line that inferences wait in before their bodies come
    public RestChannel(SslContext tls, RestApi api, BooleanSupplier draining, Limits limits, WaitingLine line) {
        this.tls = tls;
        this.api = api;
        this.draining = draining;
        this.limits = limits;
        this.line = line;
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
            boolean streams = protocol.equals(ApplicationProtocolNames.HTTP_2);
            pipeline.addLast(new ConnectionClock(streams, limits));
            if (streams) {
                // Replies of many streams that are ready together leave in one record and one system call.
                pipeline.addLast(new FlushConsolidationHandler(FLUSHES, true));
                Http2Settings settings = Http2Settings.defaultSettings()
                        .maxConcurrentStreams(MAX_STREAMS)
                        .initialWindowSize(StreamWindows.WIDE)
                        .maxHeaderListSize(MAX_HEADERS);
                Http2FrameCodec codec = Http2FrameCodecBuilder.forServer()
                        .initialSettings(settings)
                        .decoderEnforceMaxRstFramesPerWindow(MAX_RESETS, RESETS_SECONDS)
                        .build();
                StreamAdmission admission = new StreamAdmission(codec, line);
                pipeline.addLast(codec, admission);
                pipeline.addLast(new Http2MultiplexHandler(new Stream(admission)), new LastResort());
            } else {
                pipeline.addLast(new HttpServerCodec(new HttpDecoderConfig()
                        .setMaxInitialLineLength(MAX_REQUEST_LINE)
                        .setMaxHeaderSize(MAX_HEADERS)));
                addApi(pipeline, new RequestAdmission(api, draining, line.party(), null));
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

    /// A peer that breaks HTTP/2 was told so by the codec; the log gets no line that it could multiply.
    private static final class LastResort extends ChannelInboundHandlerAdapter {
        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            // Nothing to do: the codec ends the connection.
        }
    }

    private void addApi(ChannelPipeline pipeline, RequestAdmission admission) {
        pipeline.addLast(
                admission,
                new HttpContentDecompressor(true, limits.maxBodyBytes()),
                new ReplyCompressor(),
                new BodyAggregator(limits.maxBodyBytes(), limits.request()),
                new RestHandler(api, admission));
    }

    /// Ends a connection of this port as a server does that is ending: after what is under way, and a moment of quiet.
    public static void drain(Channel connection) {
        ConnectionClock clock = ConnectionClock.of(connection);
        if (clock == null) {
            // Still in the handshake, or of another port: cut at the end.
            return;
        }
        clock.drain();
    }

    /// Whether this is a connection of this port over which requests may still come.
    public static boolean isServing(Channel connection) {
        return connection.isOpen() && ConnectionClock.of(connection) != null;
    }

    /// Asks the client of a connection of this port to go, as at the connection's age. Any thread.
    public static void sendAway(Channel connection) {
        ConnectionClock clock = ConnectionClock.of(connection);
        if (clock != null) {
            clock.sendAway();
        }
    }

    /// Whether this is a connection of this port whose client was not told to go. Any thread.
    public static boolean isSteerable(Channel connection) {
        ConnectionClock clock = ConnectionClock.of(connection);
        return connection.isOpen() && clock != null && !clock.isLeaving();
    }

    /// One HTTP/2 stream looks like a connection with one request.
    private final class Stream extends ChannelInitializer<Channel> {
        private final StreamAdmission admission;

        Stream(StreamAdmission admission) {
            this.admission = admission;
        }

        @Override
        protected void initChannel(Channel channel) {
            channel.pipeline().addLast(new Http2StreamFrameToHttpObjectCodec(true));
            addApi(channel.pipeline(), new RequestAdmission(api, draining, admission.party(), admission));
        }
    }
}
