package s3ml.lab.console;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import s3ml.aecs.endpoint.AecsServer.TlsIdentity;
import s3ml.wire.aecs.AttestRequest;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ProveLogResponse;
import s3ml.wire.aecs.ReadLogRequest;
import s3ml.wire.aecs.ReadLogResponse;
import s3ml.wire.aecs.TrustGrpc;

/// Stands between the console and a real AECS as whoever owns the network can, and changes what it likes of the
/// answers.
final class LyingAecs extends TrustGrpc.TrustImplBase implements AutoCloseable {
    private final Server server;
    private volatile ManagedChannel channel;
    private volatile Lie lie = Lie.NONE;

    /// What is changed in the answers.
    ///
    /// @param proofs of those that hold the path of an entry
    /// @param heads of those that do not
    record Lie(
            UnaryOperator<AttestResponse> evidence,
            UnaryOperator<ProveLogResponse> heads,
            UnaryOperator<ProveLogResponse> proofs,
            UnaryOperator<ReadLogResponse> entries) {
        static final Lie NONE = new Lie(
                UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity(), UnaryOperator.identity());

        static Lie ofEvidence(UnaryOperator<AttestResponse> evidence) {
            return new Lie(evidence, NONE.heads, NONE.proofs, NONE.entries);
        }

        static Lie ofHeads(UnaryOperator<ProveLogResponse> heads) {
            return new Lie(NONE.evidence, heads, NONE.proofs, NONE.entries);
        }

        static Lie ofProofs(UnaryOperator<ProveLogResponse> proofs) {
            return new Lie(NONE.evidence, NONE.heads, proofs, NONE.entries);
        }

        static Lie ofEntries(UnaryOperator<ReadLogResponse> entries) {
            return new Lie(NONE.evidence, NONE.heads, NONE.proofs, entries);
        }
    }

    private LyingAecs(LoggedAecs target) throws IOException {
        this.channel = connect(target);
        TlsIdentity identity = TlsIdentity.create(new SecureRandom(), Instant.now(), true);
        this.server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.configure(
                                SslContextBuilder.forServer(identity.privateKey(), identity.certificate()))
                        .protocols("TLSv1.3")
                        .build())
                .addService(this)
                .build()
                .start();
    }

    static LyingAecs before(LoggedAecs target) throws IOException {
        return new LyingAecs(target);
    }

    private static ManagedChannel connect(LoggedAecs target) throws IOException {
        return NettyChannelBuilder.forTarget(target.target())
                .sslContext(GrpcSslContexts.configure(SslContextBuilder.forClient())
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .protocols("TLSv1.3")
                        .build())
                .build();
    }

    String target() {
        return "127.0.0.1:" + server.getPort();
    }

    /// Tells this lie from now on.
    void tell(Lie next) {
        lie = next;
    }

    /// Asks that AECS from now on.
    void ask(LoggedAecs target) throws IOException {
        ManagedChannel before = channel;
        channel = connect(target);
        before.shutdown();
    }

    @Override
    public void attest(AttestRequest request, StreamObserver<AttestResponse> observer) {
        answer(observer, () -> lie.evidence().apply(asked().attest(request)));
    }

    @Override
    public void proveLog(ProveLogRequest request, StreamObserver<ProveLogResponse> observer) {
        answer(observer, () -> (request.getProveEntry() ? lie.proofs() : lie.heads()).apply(asked().proveLog(request)));
    }

    @Override
    public void readLog(ReadLogRequest request, StreamObserver<ReadLogResponse> observer) {
        answer(observer, () -> lie.entries().apply(asked().readLog(request)));
    }

    private TrustGrpc.TrustBlockingStub asked() {
        return TrustGrpc.newBlockingStub(channel);
    }

    private static <T> void answer(StreamObserver<T> observer, Supplier<T> work) {
        try {
            observer.onNext(work.get());
            observer.onCompleted();
        } catch (StatusRuntimeException refused) {
            observer.onError(refused);
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
        channel.shutdownNow();
    }
}
