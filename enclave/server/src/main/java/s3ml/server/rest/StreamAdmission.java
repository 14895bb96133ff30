package s3ml.server.rest;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2SettingsAckFrame;
import io.netty.handler.codec.http2.Http2SettingsFrame;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.Http2StreamChannel;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import s3ml.server.admission.StreamWindows;
import s3ml.server.admission.WaitingLine;

/// What the streams of one HTTP/2 connection have in common while [RequestAdmission] lets them in: their windows and
/// their share of the line. Stands behind the codec and before what gives each stream a channel of its own.
final class StreamAdmission extends ChannelInboundHandlerAdapter {
    private final Http2FrameCodec codec;
    private final StreamWindows windows;
    private final WaitingLine.Party party;
    private final Http2Connection.PropertyKey atEnd;
    private @Nullable ChannelHandlerContext codecContext;

    StreamAdmission(Http2FrameCodec codec, WaitingLine line) {
        this.codec = codec;
        this.windows = new StreamWindows(codec, line::isPressed);
        this.party = line.party();
        this.atEnd = codec.connection().newKey();
        codec.connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                Runnable told = stream.getProperty(atEnd);
                if (told != null) {
                    told.run();
                }
            }
        });
    }

    WaitingLine.Party party() {
        return party;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext own) {
        codecContext = own.pipeline().context(codec);
    }

    @Override
    public void channelRead(ChannelHandlerContext own, Object frame) {
        own.fireChannelRead(frame);
        if (frame instanceof Http2SettingsAckFrame) {
            windows.told();
        } else if (frame instanceof Http2SettingsFrame || frame instanceof Http2HeadersFrame) {
            windows.look(Objects.requireNonNull(codecContext));
        }
    }

    /// Lets the body of a stream come. Flushed by whoever reads from the connection now, or by [#flush].
    void letIn(Channel stream) {
        windows.letIn(id(stream));
    }

    void flush() {
        windows.flush();
    }

    /// Names whom to tell when the stream has ended. Its channel is not told while it holds what nobody reads.
    void whenEnded(Channel channel, Runnable told) {
        Http2Stream stream = codec.connection().stream(id(channel));
        if (stream != null) {
            stream.setProperty(atEnd, told);
        }
    }

    private static int id(Channel stream) {
        return ((Http2StreamChannel) stream).stream().id();
    }
}
