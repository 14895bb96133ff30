package s3ml.server.tls;

import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslServerSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLException;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.protocol.Lease;

/// The TLS side of both serving ports: renewed live, while open connections go on under the keys they began with.
/// Thread-safe.
///
/// Faults: `SRV-311` BoringSSL does not take the lease's key or certificates.
public final class ServingTls {
    private final RotatingSslContext http;
    private final RotatingSslContext grpc;

    private ServingTls(RotatingSslContext http, RotatingSslContext grpc) {
        this.http = http;
        this.grpc = grpc;
    }

    /// Contexts for both ports.
    ///
    /// @param identity key and chain of the service
    /// @param tickets the first encrypts new tickets, all decrypt
    /// @param clients authorities of certificates that clients may show; empty: none is asked for
    public static ServingTls of(
            Lease.TlsIdentity identity, List<Lease.TicketKey> tickets, List<X509Certificate> clients) {
        return new ServingTls(
                new RotatingSslContext(context(identity, tickets, clients, List.of("h2", "http/1.1"))),
                new RotatingSslContext(context(identity, tickets, clients, List.of("h2"))));
    }

    /// New connections get this key from now on.
    public void renew(Lease.TlsIdentity identity, List<Lease.TicketKey> tickets, List<X509Certificate> clients) {
        http.replace(context(identity, tickets, clients, List.of("h2", "http/1.1")));
        grpc.replace(context(identity, tickets, clients, List.of("h2")));
    }

    /// For the REST port: HTTP/2 and HTTP/1.1.
    public SslContext http() {
        return http;
    }

    /// For the gRPC port.
    public SslContext grpc() {
        return grpc;
    }

    private static SslContext context(
            Lease.TlsIdentity identity,
            List<Lease.TicketKey> tickets,
            List<X509Certificate> clients,
            List<String> protocols) {
        // A server does not send its root: clients have it from the AECS, or they should not believe it.
        List<X509Certificate> chain =
                identity.chain().subList(0, identity.chain().size() - 1);
        try {
            SslContextBuilder builder = SslContextBuilder.forServer(identity.privateKey(), chain)
                    .sslProvider(SslProvider.OPENSSL)
                    .protocols("TLSv1.3")
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            protocols));
            if (clients.isEmpty()) {
                builder.trustManager(new NobodyTrusted());
            } else {
                builder.trustManager(clients).clientAuth(ClientAuth.OPTIONAL);
            }
            SslContext context = builder.build();
            setTickets(context, tickets);
            separate(context, clients);
            return context;
        } catch (SSLException e) {
            throw new S3mlException(
                    "SRV-311",
                    "cannot use the TLS key of the lease",
                    String.valueOf(e.getMessage()),
                    "let the AECS issue a new certificate for the service",
                    e);
        }
    }

    private static void setTickets(SslContext context, List<Lease.TicketKey> tickets) {
        OpenSslServerSessionContext sessions =
                (OpenSslServerSessionContext) ((ReferenceCountedOpenSslContext) context).sessionContext();
        if (tickets.isEmpty()) {
            return;
        }
        sessions.setTicketKeys(tickets.stream().map(ServingTls::ticket).toArray(OpenSslSessionTicketKey[]::new));
    }

    /// A session that began under other authorities is not resumed: its certificate was not checked against these.
    private static void separate(SslContext context, List<X509Certificate> clients) {
        if (clients.isEmpty()) {
            return;
        }
        try {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (X509Certificate client : clients) {
                all.writeBytes(client.getEncoded());
            }
            OpenSslServerSessionContext sessions =
                    (OpenSslServerSessionContext) ((ReferenceCountedOpenSslContext) context).sessionContext();
            sessions.setSessionIdContext(Digest.of(all.toByteArray()).bytes());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read has no encoding", e);
        }
    }

    private static OpenSslSessionTicketKey ticket(Lease.TicketKey key) {
        byte[] hmac = key.hmacKey().expose(byte[]::clone);
        byte[] aes = key.aesKey().expose(byte[]::clone);
        OpenSslSessionTicketKey ticket = new OpenSslSessionTicketKey(key.name().toByteArray(), hmac, aes);
        Arrays.fill(hmac, (byte) 0);
        Arrays.fill(aes, (byte) 0);
        return ticket;
    }
}
