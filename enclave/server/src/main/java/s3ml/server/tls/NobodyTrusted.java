package s3ml.server.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import s3ml.attest.ChainTrustManager;

/// Believes no certificate: for a server that asks its clients for none. Without a trust manager Netty would read the
/// public authorities that come with the JDK, which have no say here, and hand all of them to BoringSSL.
///
/// Immutable.
final class NobodyTrusted extends ChainTrustManager {
    @Override
    protected void checkServer(X509Certificate[] chain, String authType) throws CertificateException {
        throw refused();
    }

    @Override
    protected void checkClient(X509Certificate[] chain, String authType) throws CertificateException {
        throw refused();
    }

    private static CertificateException refused() {
        return new CertificateException("no certificate of a client is asked for, so none is believed");
    }
}
