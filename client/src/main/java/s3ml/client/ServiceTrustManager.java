package s3ml.client;

import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import s3ml.attest.ChainTrustManager;

/// Accepts a peer that holds a certificate of one service: issued by the service's own CA, for one of its names.
///
/// The name in the certificate is compared with the names that the attested AECS signed, not with the address that was
/// dialled: a replica is the same behind any balancer, tunnel or port.
final class ServiceTrustManager extends ChainTrustManager {
    private static final int DNS_NAME = 2;
    private static final int IP_ADDRESS = 7;

    private final X509TrustManager chains;
    private final Set<String> names;

    /// @param authorities the service's CA, and the one before while it may be in use
    /// @param names DNS names and IP addresses, as in the description
    ServiceTrustManager(List<X509Certificate> authorities, Collection<String> names) {
        this.chains = pkix(authorities);
        this.names = Set.copyOf(names);
    }

    private static X509TrustManager pkix(List<X509Certificate> authorities) {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < authorities.size(); i++) {
                store.setCertificateEntry("service-ca-" + i, authorities.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509TrustManager found) {
                    return found;
                }
            }
            throw new IllegalStateException("PKIX gave no trust manager for certificates");
        } catch (GeneralSecurityException | java.io.IOException e) {
            throw new IllegalStateException("cannot trust the service's CA", e);
        }
    }

    @Override
    protected void checkServer(X509Certificate[] chain, String authType) throws CertificateException {
        chains.checkServerTrusted(chain, authType);
        if (!hasOneOfOurNames(chain[0])) {
            throw new CertificateException("the certificate is for none of " + names);
        }
    }

    private boolean hasOneOfOurNames(X509Certificate leaf) throws CertificateParsingException {
        Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
        return alternatives != null
                && alternatives.stream()
                        .filter(name ->
                                Objects.equals(name.get(0), DNS_NAME) || Objects.equals(name.get(0), IP_ADDRESS))
                        .anyMatch(name -> name.get(1) instanceof String text && names.contains(text));
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chains.getAcceptedIssuers();
    }
}
