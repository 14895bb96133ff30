package s3ml.server.grpc;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import java.time.Duration;

/// What may be done from outside with a connection of the gRPC port, which gRPC itself keeps to itself.
@SuppressWarnings("FutureReturnValueIgnored") // nobody waits for the end of a connection
public final class GrpcConnection {
    private GrpcConnection() {}

    /// Whether calls may come over a connection, because TLS is up. Any thread.
    ///
    /// @param connection of a port that does not speak HTTP/2 beside gRPC
    public static boolean isServing(Channel connection) {
        return connection.isOpen() && connection.pipeline().get(Http2ConnectionHandler.class) != null;
    }

    /// Asks the client to go, as gRPC does at the age of a connection: GOAWAY with the largest stream id, and when the
    /// client has seen that, the last GOAWAY; then the end, when the calls that are here have been answered. Called by
    /// the connection's own thread.
    ///
    /// @param grace after which calls that are not answered are cut
    public static void sendAway(Channel connection, Duration grace) {
        Http2ConnectionHandler handler = connection.pipeline().get(Http2ConnectionHandler.class);
        if (handler != null) {
            // gRPC's handler understands a close as all of the above, without end unless it is told when.
            handler.gracefulShutdownTimeoutMillis(grace.toMillis());
            connection.close();
        }
    }
}
