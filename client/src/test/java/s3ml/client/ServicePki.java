package s3ml.client;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;

/// A service's certificate authority and a certificate for its replicas, as an AECS would issue them.
final class ServicePki {
    private final X509Bundle authority;

    ServicePki(String name) {
        try {
            authority = new CertificateBuilder()
                    .subject("CN=" + name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    X509Certificate authority() {
        return authority.getCertificate();
    }

    X509Bundle issue(String dnsName) {
        try {
            return new CertificateBuilder()
                    .subject("CN=replica")
                    .addSanDnsName(dnsName)
                    .buildIssuedBy(authority);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    KeyManagerFactory keysFor(String dnsName) {
        try {
            return issue(dnsName).toKeyManagerFactory();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    ServiceTrustManager trust(String dnsName) {
        return new ServiceTrustManager(List.of(authority()), List.of(dnsName));
    }
}
