package s3ml.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollServerSocketChannel;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/// Lets a listening socket have no more than a number of connections at once: one more is closed before it costs a TLS
/// handshake and its buffers.
@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for these
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
    private final int most;

    /// Changed by the listening socket's own thread and by those of its connections.
    private final AtomicInteger open = new AtomicInteger();

    private final Consumer<Channel> accepted;

    private ConnectionLimit(int most, Consumer<Channel> accepted) {
        this.most = most;
        this.accepted = accepted;
    }

    /// A listening socket with the limit before all else.
    ///
    /// @param accepted is shown each connection within the limit before that is set up
    static EpollServerSocketChannel socket(int most, Consumer<Channel> accepted) {
        EpollServerSocketChannel socket = new EpollServerSocketChannel();
        socket.pipeline().addLast(new ConnectionLimit(most, accepted));
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
            accepted.accept(connection);
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
