package s3ml.client;

import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;

/// Keys and certificates as text, 64 characters a line (RFC 7468).
public final class PemText {
    private static final int LINE = 64;

    private PemText() {}

    /// One block, which ends with a line's end.
    ///
    /// @param label such as `PRIVATE KEY`
    /// @param der what it holds
    public static String of(String label, byte[] der) {
        String body = Base64.getMimeEncoder(LINE, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + label + "-----\n" + body + "\n-----END " + label + "-----\n";
    }

    /// A certificate's block.
    public static String of(X509Certificate certificate) {
        try {
            return of("CERTIFICATE", certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read or made has an encoding", e);
        }
    }
}
