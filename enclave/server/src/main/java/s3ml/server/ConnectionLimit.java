package s3ml.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.util.concurrent.atomic.AtomicInteger;

/// Lets a listening socket have no more than a number of connections at once: one more is closed before it costs a TLS
/// handshake and its buffers.
@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for these
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    private final int most;

    /// Changed by the listening socket's own thread and by those of its connections.
    private final AtomicInteger open = new AtomicInteger();

    private ConnectionLimit(int most) {
        this.most = most;
    }

    /// A listening socket with the limit before all else.
    static EpollServerSocketChannel socket(int most) {
        EpollServerSocketChannel socket = new EpollServerSocketChannel();
        socket.pipeline().addLast(new ConnectionLimit(most));
        return socket;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        Channel connection = (Channel) message;
        if (open.incrementAndGet() > most) {
            open.decrementAndGet();
            connection.pipeline().addLast(new CloseAtOnce());
        } else {
            connection.closeFuture().addListener(closed -> open.decrementAndGet());
        }
        context.fireChannelRead(message);
    }

    private static final class CloseAtOnce extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRegistered(ChannelHandlerContext context) {
            context.close();
        }
    }
}
