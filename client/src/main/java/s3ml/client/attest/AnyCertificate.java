package s3ml.client.attest;

import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/// Lets a handshake end whatever the certificate says, so that its evidence can be read and judged afterwards. Used
/// only by a command that sends nothing over the connection.
final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
