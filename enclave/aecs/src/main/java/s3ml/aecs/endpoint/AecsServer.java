package s3ml.aecs.endpoint;

import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import s3ml.aecs.keys.ServiceCa;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.FieldLimit;
import s3ml.protocol.Signatures;

/// The gRPC server of an AECS: TLS 1.3 by BoringSSL with a key made at start. Callers recognise the key by the attested
/// claims, not by its certificate.
public final class AecsServer implements AutoCloseable {
    /// A release's evidence and claims, or a command with a policy; nothing larger is ever right.
    private static final int MAX_MESSAGE_BYTES = 1024 * 1024;

    private static final int MAX_METADATA_BYTES = 8 * 1024;
    private static final int MAX_CALLS_PER_CONNECTION = 256;
    private static final Duration IDLE = Duration.ofMinutes(15);
    private static final Duration CERTIFICATE_LIFETIME = Duration.ofDays(3650);
    private static final int SERIAL_BITS = 120;
    private static final Duration DRAIN = Duration.ofSeconds(10);

    private final Server server;
    private final ExecutorService calls;

    private AecsServer(Server server, ExecutorService calls) {
        this.server = server;
        this.calls = calls;
    }

    /// The endpoint's TLS key and certificate, for one process.
    ///
    /// @param keyDigest SHA-256 of the SubjectPublicKeyInfo
    public record TlsIdentity(PrivateKey privateKey, X509Certificate certificate, Digest keyDigest) {
        /// A fresh one.
        public static TlsIdentity create(SecureRandom random, Instant now, boolean simulated) {
            ServiceCa.Issued issued = ServiceCa.selfSigned(
                    "S3ML AECS",
                    List.of(),
                    new BigInteger(SERIAL_BITS, random).add(BigInteger.ONE),
                    new ServiceCa.Validity(now, now.plus(CERTIFICATE_LIFETIME), simulated));
            try {
                X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                        .generateCertificate(issued.certificate().newInput());
                return new TlsIdentity(
                        Signatures.privateKey(issued.privateKey().toByteArray()),
                        certificate,
                        Digest.of(certificate.getPublicKey().getEncoded()));
            } catch (CertificateException e) {
                throw new IllegalStateException("our own certificate cannot be read", e);
            }
        }
    }

    /// Starts to serve.
    ///
    /// @param port 0 = the system chooses
    /// @param before asked in this order before a call reaches its service
    /// @throws S3mlException `AECS-102` if the address cannot be had
    static AecsServer start(
            String address,
            int port,
            TlsIdentity identity,
            List<ServerInterceptor> before,
            List<BindableService> services) {
        ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
        NettyServerBuilder builder = NettyServerBuilder.forAddress(new InetSocketAddress(address, port))
                .sslContext(tls(identity))
                .executor(calls)
                .maxInboundMessageSize(MAX_MESSAGE_BYTES)
                .maxInboundMetadataSize(MAX_METADATA_BYTES)
                .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
                .maxConnectionIdle(IDLE.toSeconds(), TimeUnit.SECONDS);
        // The one that is added last is asked first.
        before.reversed().forEach(builder::intercept);
        services.forEach(service -> builder.addService(FieldLimit.on(service.bindService(), MAX_MESSAGE_BYTES)));
        try {
            return new AecsServer(builder.build().start(), calls);
        } catch (IOException e) {
            calls.close();
            throw new S3mlException(
                    "AECS-102",
                    "cannot serve on " + address + ":" + port,
                    String.valueOf(e.getMessage()),
                    "choose a free port, or 0",
                    e);
        }
    }

    private static SslContext tls(TlsIdentity identity) {
        try {
            return GrpcSslContexts.configure(
                            SslContextBuilder.forServer(identity.privateKey(), identity.certificate()),
                            SslProvider.OPENSSL)
                    .protocols("TLSv1.3")
                    .build();
        } catch (IOException e) {
            throw new IllegalStateException("BoringSSL does not take a P-256 key", e);
        }
    }

    public int port() {
        return server.getPort();
    }

    /// Lets calls under way finish, for a few seconds.
    @Override
    public void close() {
        server.shutdown();
        try {
            if (!server.awaitTermination(DRAIN.toSeconds(), TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException e) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
        calls.close();
    }
}
