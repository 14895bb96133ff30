package s3ml.aecs.replica;

import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import javax.net.ssl.SSLException;
import s3ml.protocol.Endpoint;

/// Channels to peers for messages that prove themselves: heads are signed, and what is false in them is refused. So the
/// peer's certificate is not looked at.
final class PeerChannels {
    private static final int MAX_MESSAGE_BYTES = 64 * 1024;

    private PeerChannels() {}

    static ManagedChannel open(Endpoint peer) {
        try {
            return NettyChannelBuilder.forAddress(peer.host(), peer.port())
                    .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                            .trustManager(InsecureTrustManagerFactory.INSTANCE)
                            .protocols("TLSv1.3")
                            .build())
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("BoringSSL refused TLS 1.3", e);
        }
    }
}
