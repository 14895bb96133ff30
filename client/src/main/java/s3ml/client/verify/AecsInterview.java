package s3ml.client.verify;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.security.SecureRandom;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import s3ml.attest.Digest;
import s3ml.protocol.AecsMessages;
import s3ml.protocol.Endpoint;
import s3ml.wire.aecs.DescribeServiceRequest;
import s3ml.wire.aecs.DescribeServiceResponse;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ProveLogResponse;
import s3ml.wire.aecs.TrustGrpc;

/// Questions to an AECS that anybody may ask, over TLS 1.3 with whatever key it has: answers are kept, not believed.
///
/// Failures of the network and refusals come as gRPC's own exception, for the caller to note.
final class AecsInterview implements AutoCloseable {
    private static final long DEADLINE_SECONDS = 10;

    /// The largest answer is a description with its evidence.
    private static final int MAX_MESSAGE_BYTES = 4 << 20;

    private final SeenPeer peer = new SeenPeer();
    private final ManagedChannel channel;
    private final ByteString nonce;

    AecsInterview(Endpoint aecs, SecureRandom random) {
        byte[] chosen = new byte[AecsMessages.NONCE_BYTES];
        random.nextBytes(chosen);
        this.nonce = ByteString.copyFrom(chosen);
        try {
            SslContextBuilder tls = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                    .trustManager(peer)
                    .protocols("TLSv1.3");
            this.channel = NettyChannelBuilder.forAddress(aecs.host(), aecs.port())
                    .sslContext(tls.build())
                    .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                    .build();
        } catch (SSLException e) {
            throw new IllegalStateException("BoringSSL refused TLS 1.3", e);
        }
    }

    private TrustGrpc.TrustBlockingStub stub() {
        return TrustGrpc.newBlockingStub(channel).withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS);
    }

    /// Fresh for this interview.
    ByteString nonce() {
        return nonce;
    }

    /// Evidence and description in one answer, both over [#nonce].
    DescribeServiceResponse describe(String service) {
        return stub().describeService(DescribeServiceRequest.newBuilder()
                .setNonce(nonce)
                .setService(service)
                .build());
    }

    ProveLogResponse proveLog(ProveLogRequest request) {
        return stub().proveLog(request);
    }

    /// The key that the AECS proved to hold; after the first answer.
    Digest tlsKey() {
        return Digest.of(peer.chain().getFirst().getPublicKey().getEncoded());
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
