package s3ml.protocol;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import s3ml.attest.ChainTrustManager;
import s3ml.attest.Digest;

/// Accepts the key of the first handshake and no other afterwards, so that it can be compared with evidence.
///
/// The certificate around the key says nothing here: the AECS proves itself by a quote that covers the key's digest,
/// and the handshake proves that the peer holds the key.
final class PinnedKeyTrust extends ChainTrustManager {
    private final AtomicReference<@Nullable Digest> key = new AtomicReference<>();

    /// SHA-256 of the SubjectPublicKeyInfo that the peer presented; empty before the first handshake.
    Optional<Digest> key() {
        return Optional.ofNullable(key.get());
    }

    @Override
    protected void checkServer(X509Certificate[] chain, String authType) throws CertificateException {
        if (chain.length == 0) {
            throw new CertificateException("the peer presented no certificate");
        }
        Digest presented = Digest.of(chain[0].getPublicKey().getEncoded());
        if (!key.compareAndSet(null, presented) && !Objects.equals(presented, key.get())) {
            throw new CertificateException("the peer presented another key than in its first handshake");
        }
    }
}
