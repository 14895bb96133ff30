package s3ml.console;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import s3ml.policy.FleetException;

/// The console's own certificate and key, from PEM files. FleetException `CON-110`.
final class ServerTls {
    private static final String BEGIN = "-----BEGIN PRIVATE KEY-----";
    private static final String END = "-----END PRIVATE KEY-----";

    private ServerTls() {}

    /// @param certificate PEM chain, leaf first
    /// @param key PEM, PKCS#8
    static SSLContext of(Path certificate, Path key) {
        try {
            Collection<? extends Certificate> chain = CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(certificate)));
            Certificate[] certificates = chain.toArray(Certificate[]::new);
            if (certificates.length == 0) {
                throw refused("the certificate file holds none", null);
            }
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            String algorithm = certificates[0].getPublicKey().getAlgorithm();
            store.setKeyEntry("console", privateKey(key, algorithm), new char[0], certificates);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        } catch (IOException | GeneralSecurityException | IllegalArgumentException unusable) {
            throw refused(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    private static PrivateKey privateKey(Path file, String algorithm) throws IOException, GeneralSecurityException {
        String pem = Files.readString(file, StandardCharsets.US_ASCII);
        int begin = pem.indexOf(BEGIN);
        int end = pem.indexOf(END);
        if (begin < 0 || end < begin) {
            throw refused("the key file holds no \"" + BEGIN + "\"", null);
        }
        byte[] der = Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN.length(), end));
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(der));
    }

    private static FleetException refused(String why, @org.jspecify.annotations.Nullable Throwable cause) {
        return new FleetException(
                "CON-110",
                "cannot use the TLS files of the console's own port",
                why,
                "give PEM files that can be read: --tls-certificate, --tls-key (PKCS#8)",
                cause);
    }
}
