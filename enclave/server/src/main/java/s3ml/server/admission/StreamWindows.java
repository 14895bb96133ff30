package s3ml.server.admission;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2LocalFlowController;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// What the peer of one HTTP/2 connection may send of each stream before it is asked to.
///
/// Ordinarily a whole body of a usual size, so that no request waits for a round trip. While requests are held or
/// refused it is little (SETTINGS_INITIAL_WINDOW_SIZE, RFC 9113, section 6.9.2), and a stream that is let in gets the
/// rest by a WINDOW_UPDATE of its own. A peer is told at its next request, which costs nothing where none comes.
///
/// A stream that was answered before its body was there is reset (section 8.1): else its sender would wait for ever to
/// send the rest.
///
/// All calls come from the connection's own thread.
@SuppressWarnings("FutureReturnValueIgnored") // the codec reports the outcome of these to the pipeline
public final class StreamWindows {
    /// Two images of a detector.
    public static final int WIDE = 2 << 20;

    /// A request of a few numbers whole, and of a large one next to nothing.
    public static final int NARROW = 4096;

    private final Http2ConnectionHandler handler;
    private final BooleanSupplier pressed;
    private final Http2Connection.PropertyKey letIn;

    /// What the peer was told last; its answer comes later.
    private boolean narrow;

    private @Nullable ChannelHandlerContext context;

    /// @param handler whose streams begin with [#WIDE]
    /// @param pressed whether peers should send little at once
    public StreamWindows(Http2ConnectionHandler handler, BooleanSupplier pressed) {
        this.handler = handler;
        this.pressed = pressed;
        this.letIn = handler.connection().newKey();
        handler.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamHalfClosed(Http2Stream stream) {
                if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
                    endLater(stream);
                }
            }
        });
    }

    /// The connection is ready or a request begins: the peer may have to be told what it may send.
    ///
    /// @param own the handler's
    public void look(ChannelHandlerContext own) {
        context = own;
        boolean wanted = pressed.getAsBoolean();
        if (wanted != narrow) {
            narrow = wanted;
            Http2Settings settings = new Http2Settings().initialWindowSize(narrow ? NARROW : WIDE);
            handler.encoder().writeSettings(own, settings, own.newPromise());
        }
    }

    /// The peer took over what it was told: every stream's window was changed by the difference, also of those that
    /// were let in.
    public void told() {
        try {
            handler.connection().forEachActiveStream(stream -> {
                if (stream.getProperty(letIn) != null) {
                    widen(stream);
                }
                return true;
            });
        } catch (Http2Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    /// Lets the body of a stream come. Flushed by whoever reads from the connection now, or by [#flush].
    public void letIn(int streamId) {
        Http2Stream stream = handler.connection().stream(streamId);
        if (stream != null) {
            stream.setProperty(letIn, true);
            widen(stream);
        }
    }

    /// Sends what was written.
    public void flush() {
        if (context != null) {
            context.flush();
        }
    }

    private void widen(Http2Stream stream) {
        Http2LocalFlowController flow = handler.decoder().flowController();
        int more = WIDE - flow.initialWindowSize(stream);
        if (more > 0) {
            try {
                flow.incrementWindowSize(stream, more);
            } catch (Http2Exception failure) {
                // It overflows where a window of 2^31 and more is asked for.
                throw new IllegalStateException(failure);
            }
        }
    }

    private void endLater(Http2Stream stream) {
        ChannelHandlerContext own = context;
        if (own == null) {
            return;
        }
        // The rest may lie in what is being read now; most bodies are small.
        own.executor().execute(() -> {
            if (stream.state() == Http2Stream.State.HALF_CLOSED_LOCAL) {
                handler.resetStream(own, stream.id(), Http2Error.NO_ERROR.code(), own.newPromise());
                own.flush();
            }
        });
    }
}
