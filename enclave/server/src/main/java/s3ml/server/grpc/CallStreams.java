package s3ml.server.grpc;

import io.grpc.netty.GrpcHttp2ConnectionHandler;
import io.grpc.netty.InternalProtocolNegotiator;
import io.grpc.netty.InternalProtocolNegotiators;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListenerDecorator;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.SslContext;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.FastThreadLocal;
import java.util.Objects;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import s3ml.server.admission.StreamWindows;
import s3ml.server.admission.WaitingLine;

/// Knows which HTTP/2 stream a gRPC call has, which the library tells nobody: it looks at each connection's frames
/// before the library does, and a call begins while its headers are read.
///
/// For servers that run calls on the threads of their connections (`directExecutor`). Thread-safe.
public final class CallStreams {
    private final WaitingLine line;

    /// The connection whose headers are read by a thread.
    private final FastThreadLocal<@Nullable Connection> reading = new FastThreadLocal<>();

    public CallStreams(WaitingLine line) {
        this.line = line;
    }

    /// The library's TLS for servers, on connections that are watched.
    public InternalProtocolNegotiator.ProtocolNegotiator over(SslContext tls) {
        InternalProtocolNegotiator.ProtocolNegotiator library = InternalProtocolNegotiators.serverTls(tls);
        return new InternalProtocolNegotiator.ProtocolNegotiator() {
            @Override
            public AsciiString scheme() {
                return library.scheme();
            }

            @Override
            public ChannelHandler newHandler(GrpcHttp2ConnectionHandler handler) {
                handler.decoder().frameListener(new Connection(handler));
                return library.newHandler(handler);
            }

            @Override
            public void close() {
                library.close();
            }
        };
    }

    /// The stream of the call that begins now on this thread.
    Stream current() {
        return Objects.requireNonNull(reading.get(), "no call begins on this thread")
                .current();
    }

    /// Of one call.
    ///
    /// @param party of the connection
    /// @param thread of the connection
    record Stream(StreamWindows windows, WaitingLine.Party party, Executor thread, int id) {
        /// Lets the body come. On the connection's thread.
        void letIn() {
            windows.letIn(id);
        }
    }

    private final class Connection extends Http2FrameListenerDecorator {
        private final StreamWindows windows;
        private final WaitingLine.Party party = line.party();
        private @Nullable Stream current;

        Connection(GrpcHttp2ConnectionHandler handler) {
            super(handler.decoder().frameListener());
            this.windows = new StreamWindows(handler, line::isPressed);
        }

        Stream current() {
            return Objects.requireNonNull(current);
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext context, Http2Settings settings) throws Http2Exception {
            super.onSettingsRead(context, settings);
            windows.look(context);
        }

        @Override
        public void onSettingsAckRead(ChannelHandlerContext context) throws Http2Exception {
            windows.told();
            super.onSettingsAckRead(context);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext context,
                int streamId,
                Http2Headers headers,
                int dependency,
                short weight,
                boolean exclusive,
                int padding,
                boolean last)
                throws Http2Exception {
            current = new Stream(windows, party, context.executor(), streamId);
            reading.set(this);
            try {
                super.onHeadersRead(context, streamId, headers, dependency, weight, exclusive, padding, last);
            } finally {
                reading.set(null);
                current = null;
            }
            windows.look(context);
        }
    }
}
