package s3ml.client.verify;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Lets a handshake end whatever the certificate says, and keeps the chain: it is judged afterwards, with everything
/// else.
/// Nothing secret is ever sent over such a connection. The handshake itself proves that the peer holds the key.
final class SeenPeer extends X509ExtendedTrustManager {
    private final AtomicReference<List<X509Certificate>> chain = new AtomicReference<>(List.of());

    /// Leaf first; empty before the handshake.
    List<X509Certificate> chain() {
        return chain.get();
    }

    private void keep(X509Certificate[] presented) {
        chain.set(List.of(presented));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] presented, String authType) {
        keep(presented);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] presented, String authType, Socket socket) {
        keep(presented);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] presented, String authType, SSLEngine engine) {
        keep(presented);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] presented, String authType) throws CertificateException {
        throw new CertificateException("this side is always the client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] presented, String authType, Socket socket)
            throws CertificateException {
        throw new CertificateException("this side is always the client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] presented, String authType, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("this side is always the client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
