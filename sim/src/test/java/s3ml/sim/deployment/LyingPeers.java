package s3ml.sim.deployment;

import com.google.protobuf.ByteString;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.function.UnaryOperator;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import s3ml.protocol.AecsChannel;
import s3ml.wire.aecs.DescribeServiceRequest;
import s3ml.wire.aecs.DescribeServiceResponse;
import s3ml.wire.aecs.ProveLogRequest;
import s3ml.wire.aecs.ProveLogResponse;
import s3ml.wire.aecs.TrustGrpc;

/// Processes' peers that are not what they seem, over real TLS with keys of their own.
final class LyingPeers {
    private LyingPeers() {}

    /// Holds a certificate for 127.0.0.1 of that authority.
    static SSLContext context(X509Bundle authority) throws Exception {
        X509Bundle leaf = leaf().buildIssuedBy(authority);
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", leaf.getKeyPair().getPrivate(), new char[0], new Certificate[] {
            leaf.getCertificate(), authority.getCertificate()
        });
        KeyManagerFactory keys = KeyManagerFactory.getInstance("PKIX");
        keys.init(store, new char[0]);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static CertificateBuilder leaf() {
        return new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .addSanIpAddress("127.0.0.1");
    }

    /// Answers each question about a service with what the true AECS once said, to another nonce.
    static Server replaying(AecsChannel aecs, String service) throws Exception {
        DescribeServiceRequest old = DescribeServiceRequest.newBuilder()
                .setNonce(ByteString.copyFrom(aecs.newNonce()))
                .setService(service)
                .build();
        return relaying(aecs, request -> old);
    }

    /// Hands each question on to the true AECS; only its TLS is another's.
    static Server relaying(AecsChannel aecs) throws Exception {
        return relaying(aecs, request -> request);
    }

    private static Server relaying(AecsChannel aecs, UnaryOperator<DescribeServiceRequest> instead) throws Exception {
        X509Bundle key = leaf().setIsCertificateAuthority(true).buildSelfSigned();
        return start(key, new TrustGrpc.TrustImplBase() {
            @Override
            public void describeService(
                    DescribeServiceRequest request, StreamObserver<DescribeServiceResponse> answer) {
                answer.onNext(aecs.call(
                        (calls, attested) -> TrustGrpc.newBlockingStub(calls).describeService(instead.apply(request))));
                answer.onCompleted();
            }

            @Override
            public void proveLog(ProveLogRequest request, StreamObserver<ProveLogResponse> answer) {
                answer.onNext(aecs.call(
                        (calls, attested) -> TrustGrpc.newBlockingStub(calls).proveLog(request)));
                answer.onCompleted();
            }
        });
    }

    private static Server start(X509Bundle key, TrustGrpc.TrustImplBase service) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.configure(
                                SslContextBuilder.forServer(key.getKeyPair().getPrivate(), key.getCertificate()))
                        .build())
                .addService(service)
                .build()
                .start();
    }
}
