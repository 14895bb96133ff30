package s3ml.protocol.receipt;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Signatures;

/// A replica's signed word that a model answered this to that.
///
/// A client asks for one by the request parameter [#SALT_PARAMETER], 64 hex digits of its own randomness, and gets it
/// as the response parameter [#RECEIPT_PARAMETER], the same over every protocol. Its text: three parts in unpadded
/// base64url, joined by dots: the statement, compact JSON of [#toJson()]; the signature by the service's TLS key (ECDSA
/// P-256, SHA-256, DER) over `s3ml inference receipt v1` 0x00 statement; and that key's certificate (DER), which the
/// service's CA issued.
///
/// Code: `PRO-171` a receipt that is of wrong form, or not the service's.
///
/// @param salt the client's
/// @param request [TensorDigest] of the inputs, in the order they were sent
/// @param response [TensorDigest] of the outputs, in the order they were answered
/// @param model name, version and SHA-256 of the model file that ran
/// @param enclave who says so
/// @param at when, by the enclave's clock
public record InferenceReceipt(Digest salt, Digest request, Digest response, Model model, Enclave enclave, Instant at) {
    public static final String SALT_PARAMETER = "s3ml_receipt_salt";
    public static final String RECEIPT_PARAMETER = "s3ml_receipt";

    private static final String DOMAIN = "s3ml inference receipt v1";

    /// Longer than any that is ours.
    private static final int LONGEST = 16 * 1024;

    /// Which model ran.
    ///
    /// @param digest SHA-256 of the model file, which the AECS released with its key
    public record Model(String name, String version, Digest digest) {}

    /// Which enclave says so.
    ///
    /// @param measurement MRENCLAVE or MRTD in hex, as the enclave's own quote says; empty where there is none
    public record Enclave(String service, String measurement, boolean simulated) {}

    /// The statement.
    public JsonObject toJson() {
        return JsonObject.builder()
                .put("salt", salt.hex())
                .put("requestSha256", request.hex())
                .put("responseSha256", response.hex())
                .put("model", model.name())
                .put("version", model.version())
                .put("modelSha256", model.digest().hex())
                .put("service", enclave.service())
                .put("measurement", enclave.measurement())
                .put("simulated", enclave.simulated())
                .put("at", at.toString())
                .build();
    }

    /// Signs it.
    ///
    /// @param key the service's TLS key
    /// @param certificate of that key
    public String sign(PrivateKey key, X509Certificate certificate) {
        byte[] statement = Json.write(toJson()).getBytes(StandardCharsets.UTF_8);
        try {
            return text(statement) + "." + text(Signatures.sign(key, DOMAIN, statement)) + "."
                    + text(certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read has no encoding", e);
        }
    }

    private static String text(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// The one encoding of these bytes is taken, so that a receipt has one text.
    private static byte[] bytes(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (!text(bytes).equals(text)) {
            throw new IllegalArgumentException("a part is not encoded as base64url says");
        }
        return bytes;
    }

    /// Reads a receipt and checks that a replica of the service signed it while its certificate was valid.
    ///
    /// @param authorities the service's CA certificates
    /// @throws S3mlException `PRO-171`
    public static InferenceReceipt verify(String text, List<X509Certificate> authorities) {
        String[] parts = text.split("\\.", -1);
        if (text.length() > LONGEST || parts.length != 3) {
            throw refused("it does not have three parts", null);
        }
        try {
            byte[] statement = bytes(parts[0]);
            byte[] signature = bytes(parts[1]);
            X509Certificate certificate = (X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(bytes(parts[2])));
            if (!text(certificate.getEncoded()).equals(parts[2])) {
                throw refused("something follows its certificate", null);
            }
            InferenceReceipt receipt = read(Json.parseObject(statement));
            boolean ours = authorities.stream().anyMatch(authority -> issued(authority, certificate));
            if (!ours) {
                throw refused("its certificate is not of the service's CA", null);
            }
            if (receipt.at().isBefore(certificate.getNotBefore().toInstant())
                    || receipt.at().isAfter(certificate.getNotAfter().toInstant())) {
                throw refused("its certificate was not valid then", null);
            }
            if (!Signatures.verify(certificate.getPublicKey(), signature, DOMAIN, statement)) {
                throw refused("its signature is not the service's", null);
            }
            return receipt;
        } catch (S3mlException | IllegalArgumentException | DateTimeException | GeneralSecurityException e) {
            throw e instanceof S3mlException known && known.code().equals("PRO-171")
                    ? known
                    : refused(String.valueOf(e.getMessage()), e);
        }
    }

    private static boolean issued(X509Certificate authority, X509Certificate certificate) {
        try {
            certificate.verify(authority.getPublicKey());
            return certificate.getBasicConstraints() < 0
                    && certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
        } catch (GeneralSecurityException other) {
            return false;
        }
    }

    private static InferenceReceipt read(JsonObject statement) {
        return new InferenceReceipt(
                Digest.parse(statement.string("salt")),
                Digest.parse(statement.string("requestSha256")),
                Digest.parse(statement.string("responseSha256")),
                new Model(
                        statement.string("model"),
                        statement.string("version"),
                        Digest.parse(statement.string("modelSha256"))),
                new Enclave(statement.string("service"), statement.string("measurement"), statement.bool("simulated")),
                Instant.parse(statement.string("at")));
    }

    /// Checks that this receipt is about what the client sent and got.
    ///
    /// @throws S3mlException `PRO-171` naming what differs
    public InferenceReceipt about(Digest sentSalt, Digest sent, Digest got) {
        if (!salt.equals(sentSalt)) {
            throw refused("it is for another salt", null);
        }
        if (!request.equals(sent)) {
            throw refused("it is about other inputs", null);
        }
        if (!response.equals(got)) {
            throw refused("it is about other outputs", null);
        }
        return this;
    }

    private static S3mlException refused(String why, @Nullable Throwable cause) {
        return new S3mlException(
                "PRO-171",
                "refused the receipt of an inference",
                why,
                "do not rely on this answer; ask again, and tell the service's owner",
                cause);
    }
}
