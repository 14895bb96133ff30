package s3ml.attest;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// A trust manager that judges a chain by itself, alike for sockets and engines, whatever the address that was dialled.
///
/// The JDK asks an extended trust manager nothing else, so it makes no check of names of its own. One that serves as
/// the client alone leaves [#checkClient] as it is. Thread-safe if the checks are.
public abstract class ChainTrustManager extends X509ExtendedTrustManager {
    /// Judges the chain of a server, leaf first.
    ///
    /// @throws CertificateException if it is not to be talked to
    protected abstract void checkServer(X509Certificate[] chain, String authType) throws CertificateException;

    /// Judges the chain of a client, leaf first; refuses every one unless it is overridden.
    ///
    /// @throws CertificateException if it is not to be talked to
    protected void checkClient(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this side is always the client");
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        checkServer(chain, authType);
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServer(chain, authType);
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServer(chain, authType);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        checkClient(chain, authType);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClient(chain, authType);
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClient(chain, authType);
    }

    /// None: what is trusted is not said by a list of issuers.
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
