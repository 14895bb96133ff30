package s3ml.client.cli;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;
import s3ml.attest.S3mlException;
import s3ml.client.Credentials;

/// What the caller shows of themselves. Secrets are named by file: a command line is seen by every process.
final class CredentialOptions {
    @Option(names = "--token-file", paramLabel = "FILE", description = "bearer token to show to the service")
    private @Nullable Path token;

    @ArgGroup(exclusive = false)
    private @Nullable Certificate certificate;

    /// `--client-cert` and `--client-key`.
    static final class Certificate {
        @Option(
                names = "--client-cert",
                required = true,
                paramLabel = "FILE",
                description = "PEM certificate chain to show to the service; not for SEALED")
        private Path chain = Path.of("");

        @Option(names = "--client-key", required = true, paramLabel = "FILE", description = "its PKCS #8 key in PEM")
        private Path key = Path.of("");
    }

    Credentials credentials() {
        if (token != null) {
            try {
                return Credentials.token(OwnerFiles.read(token).strip());
            } catch (IllegalArgumentException e) {
                throw unusable(token, e);
            }
        }
        return certificate == null ? Credentials.NONE : certificate(certificate);
    }

    private static Credentials certificate(Certificate files) {
        try {
            return Credentials.certificate(key(OwnerFiles.read(files.key)), chain(OwnerFiles.read(files.chain)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(files.chain, e);
        }
    }

    private static S3mlException unusable(Path file, Exception cause) {
        return new S3mlException(
                "CLI-148",
                "cannot use " + file + " to show who you are",
                String.valueOf(cause.getMessage()),
                "give a file with one token, or a PEM certificate chain and its PKCS #8 key",
                cause);
    }

    private static List<X509Certificate> chain(String pem) throws CertificateException {
        return CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)))
                .stream()
                .map(X509Certificate.class::cast)
                .toList();
    }

    private static PrivateKey key(String pem) throws GeneralSecurityException {
        String base64 = pem.replaceAll("-----[A-Z ]+-----", "");
        PKCS8EncodedKeySpec spec =
                new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(spec);
        } catch (GeneralSecurityException noEllipticCurve) {
            return KeyFactory.getInstance("RSA").generatePrivate(spec);
        }
    }
}
