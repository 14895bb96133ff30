package s3ml.client.attest;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceBundle;
import s3ml.attest.Finding;
import s3ml.attest.RaTlsEvidence;
import s3ml.attest.S3mlException;

/// What the word after `s3ml verify` stands for: a quote, a certificate, a bundle or a server, told apart by content.
///
/// Codes: `CLI-160` a file or server that cannot be read, `CLI-161` a certificate without evidence.
///
/// @param quote the DCAP quote
/// @param bindingFaults why a certificate's quote is not bound to its key
/// @param bundle present when the input is one
record EvidenceInput(Quoted quote, List<Finding> bindingFaults, Optional<EvidenceBundle> bundle) {
    private static final long LARGEST = 32 << 20;
    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int HTTPS = 443;

    EvidenceInput {
        bindingFaults = List.copyOf(bindingFaults);
    }

    /// The bytes of a quote.
    static final class Quoted {
        private final byte[] bytes;

        Quoted(byte[] bytes) {
            this.bytes = bytes;
        }

        byte[] bytes() {
            return bytes;
        }
    }

    static EvidenceInput of(String word) {
        if (word.startsWith("https://")) {
            return ofCertificate(serverCertificate(URI.create(word)));
        }
        byte[] content = read(Path.of(word));
        String start = new String(content, 0, Math.min(content.length, 64), StandardCharsets.ISO_8859_1).strip();
        if (start.startsWith("{")) {
            EvidenceBundle bundle = EvidenceBundle.parse(content);
            return new EvidenceInput(new Quoted(bundle.evidence()), List.of(), Optional.of(bundle));
        }
        if (start.startsWith("-----BEGIN CERTIFICATE") || isDer(content)) {
            return ofCertificate(certificate(content));
        }
        return new EvidenceInput(new Quoted(unhexed(content)), List.of(), Optional.empty());
    }

    /// A certificate has more than 255 bytes, whose count takes two; hexadecimal digits may begin with the same first
    /// byte.
    private static boolean isDer(byte[] content) {
        return content.length > 2 && content[0] == 0x30 && content[1] == (byte) 0x82;
    }

    /// Quotes are often passed around as hexadecimal digits.
    private static byte[] unhexed(byte[] content) {
        String text = new String(content, StandardCharsets.ISO_8859_1).strip();
        String digits = text.startsWith("0x") ? text.substring(2) : text;
        boolean hex = digits.length() % 2 == 0
                && !digits.isEmpty()
                && digits.chars().allMatch(c -> Character.digit(c, 16) >= 0);
        return hex ? HexFormat.of().parseHex(digits) : content;
    }

    private static EvidenceInput ofCertificate(X509Certificate certificate) {
        RaTlsEvidence evidence = RaTlsEvidence.of(certificate)
                .orElseThrow(() -> new S3mlException(
                        "CLI-161",
                        "could not find evidence",
                        "the certificate of " + certificate.getSubjectX500Principal() + " carries none",
                        "hand over a certificate that an attested peer made"));
        return new EvidenceInput(new Quoted(evidence.quote()), evidence.bindingFaults(), Optional.empty());
    }

    private static X509Certificate certificate(byte[] content) {
        try {
            Certificate certificate =
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(content));
            return (X509Certificate) certificate;
        } catch (CertificateException e) {
            throw unreadable("the certificate", e);
        }
    }

    /// The server's certificate, whoever signed it: what counts is the evidence in it, and that the handshake was made
    /// with its key.
    private static X509Certificate serverCertificate(URI uri) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, new TrustManager[] {new AnyCertificate()}, new SecureRandom());
            try (SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket()) {
                int port = uri.getPort() < 0 ? HTTPS : uri.getPort();
                socket.connect(new InetSocketAddress(uri.getHost(), port), TIMEOUT_MILLIS);
                socket.setSoTimeout(TIMEOUT_MILLIS);
                socket.startHandshake();
                return (X509Certificate) socket.getSession().getPeerCertificates()[0];
            }
        } catch (IOException | GeneralSecurityException e) {
            throw unreadable(uri.toString(), e);
        }
    }

    static byte[] read(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new S3mlException(
                        "CLI-160",
                        "could not read " + file,
                        "it is larger than " + LARGEST + " bytes",
                        "name another file");
            }
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        }
    }

    /// SHA-256 of a file of any size.
    static Digest digest(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), digest));
            return Digest.ofBytes(digest.digest());
        } catch (IOException e) {
            throw unreadable(file.toString(), e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    private static S3mlException unreadable(String what, @Nullable Exception e) {
        return new S3mlException("CLI-160", "could not read " + what, String.valueOf(e), "check the name", e);
    }
}
