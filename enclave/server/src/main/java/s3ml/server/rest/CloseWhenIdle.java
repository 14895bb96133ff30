package s3ml.server.rest;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.timeout.IdleStateEvent;

/// Closes a connection on which nothing moved for the idle time.
@SuppressWarnings("FutureReturnValueIgnored") // Netty reports the outcome of these to the pipeline
final class CloseWhenIdle extends ChannelDuplexHandler {
    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof IdleStateEvent) {
            context.close();
        } else {
            context.fireUserEventTriggered(event);
        }
    }
}
