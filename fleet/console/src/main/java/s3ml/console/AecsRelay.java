package s3ml.console;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import s3ml.policy.FleetException;
import s3ml.wire.aecs.AttestRequest;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ReadLogRequest;
import s3ml.wire.aecs.TrustGrpc;

/// Passes an AECS's public answers to the page as the bytes they are. Thread-safe.
///
/// Whom it speaks to is not checked: any certificate is accepted, as the operator's side holds no means to appraise
/// evidence. What the page shows of these answers it has checked itself, or says that nobody did. FleetException
/// `CON-105` when the AECS does not answer or refuses.
final class AecsRelay implements AutoCloseable {
    static final int NONCE_BYTES = 32;
    static final int MOST_ENTRIES = 256;

    /// 256 entries take 0.1 MB.
    private static final int MAX_MESSAGE_BYTES = 4 << 20;

    private static final int PATIENCE_SECONDS = 10;

    private final String target;
    private final ManagedChannel channel;

    private AecsRelay(String target, ManagedChannel channel) {
        this.target = target;
        this.channel = channel;
    }

    /// @param target `host:port`
    static AecsRelay connect(String target) {
        try {
            return new AecsRelay(
                    target,
                    NettyChannelBuilder.forTarget(target)
                            .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient())
                                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                                    .protocols("TLSv1.3")
                                    .build())
                            .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                            .build());
        } catch (SSLException missing) {
            throw new IllegalStateException("every JDK has TLS 1.3", missing);
        }
    }

    /// Evidence of the AECS, bound to the page's nonce.
    byte[] attest(byte[] nonce) {
        return call(trust -> trust.attest(
                AttestRequest.newBuilder().setNonce(ByteString.copyFrom(nonce)).build()));
    }

    /// The log's head, and the proof that it extends the log of `knownSize` entries.
    byte[] prove(long knownSize) {
        return call(trust -> trust.proveLog(
                ProveLogRequest.newBuilder().setKnownSize(knownSize).build()));
    }

    /// As [#prove(long)], with the proof that an entry stands in the log.
    byte[] prove(long knownSize, long entry) {
        return call(trust -> trust.proveLog(ProveLogRequest.newBuilder()
                .setKnownSize(knownSize)
                .setEntryIndex(entry)
                .setProveEntry(true)
                .build()));
    }

    /// @param count 1 to [#MOST_ENTRIES]
    byte[] read(long first, int count) {
        return call(trust -> trust.readLog(
                ReadLogRequest.newBuilder().setFirst(first).setCount(count).build()));
    }

    private byte[] call(Function<TrustGrpc.TrustBlockingStub, MessageLite> asking) {
        try {
            return asking.apply(
                            TrustGrpc.newBlockingStub(channel).withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .toByteArray();
        } catch (StatusRuntimeException failed) {
            channel.resetConnectBackoff();
            String said = failed.getStatus().getDescription();
            throw new FleetException(
                    "CON-105",
                    "the AECS at " + target + " gave no answer",
                    failed.getStatus().getCode() + (said == null ? "" : " (" + said + ")"),
                    "check that it runs and its address",
                    failed);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
