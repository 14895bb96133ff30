package s3ml.client.verify;

import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import s3ml.attest.ChainTrustManager;

/// Lets a handshake end whatever the certificate says, and keeps the chain: it is judged afterwards, with everything
/// else. Nothing secret is ever sent over such a connection. The handshake itself proves that the peer holds the key.
final class SeenPeer extends ChainTrustManager {
    private final AtomicReference<List<X509Certificate>> chain = new AtomicReference<>(List.of());

    /// Leaf first; empty before the handshake.
    List<X509Certificate> chain() {
        return chain.get();
    }

    @Override
    protected void checkServer(X509Certificate[] presented, String authType) {
        chain.set(List.of(presented));
    }
}
