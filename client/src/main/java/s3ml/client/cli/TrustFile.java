package s3ml.client.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.PemText;
import s3ml.client.ServiceDirectory;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.ServiceTrust;
import s3ml.wire.aecs.DescribeServiceResponse;

/// What `s3ml trust` keeps: the description of a service for people and programs, and the messages that prove it.
///
/// Reading it back verifies the messages again, so a file that somebody changed is worth nothing.
///
/// Codes: `CLI-145` a file of another kind.
final class TrustFile {
    private TrustFile() {}

    static JsonObject document(ServiceDirectory.Evidence evidence, Instant verifiedAt) {
        ServiceTrust trust = evidence.trust();
        return JsonObject.builder()
                .put("service", trust.service())
                .put("simulated", trust.simulated())
                .put("verifiedAt", verifiedAt.toString())
                .put("issuedAt", trust.issuedAt().toString())
                .put(
                        "aecs",
                        JsonObject.builder()
                                .put(
                                        "identitySha256",
                                        trust.aecs().identityDigest().hex())
                                .put("instanceId", ServiceJson.hex(trust.aecs().instanceId()))
                                .put(
                                        "measurement",
                                        trust.aecs()
                                                .verdict()
                                                .claims()
                                                .measurement()
                                                .hex())
                                .put(
                                        "tcbStatus",
                                        trust.aecs()
                                                .verdict()
                                                .claims()
                                                .tcbStatus()
                                                .toString())
                                .put("simulated", trust.aecs().simulated())
                                .build())
                .put("names", JsonArray.ofStrings(trust.names()))
                .put("policyEpoch", trust.policyEpoch())
                .put("policyDigest", trust.policyDigest().hex())
                .put("policy", trust.policyJson())
                .put("caCertificate", PemText.of(trust.caCertificate()))
                .put(
                        "models",
                        ServiceJson.array(
                                trust.models().stream().map(TrustFile::model).toList()))
                .put(
                        "proof",
                        JsonObject.builder()
                                .put("nonce", base64(evidence.nonce()))
                                .put("response", base64(evidence.response().toByteString()))
                                .build())
                .build();
    }

    private static JsonObject model(ServiceTrust.ModelTrust model) {
        return JsonObject.builder()
                .put("name", model.name())
                .put("version", model.version())
                .put("manifestDigest", model.manifestDigest().hex())
                .put("modelDigest", model.modelDigest().hex())
                .build();
    }

    static List<String> lines(ServiceTrust trust) {
        List<String> lines = new ArrayList<>();
        lines.add("AECS        " + trust.aecs().identityDigest().hex());
        lines.add("            measured "
                + trust.aecs().verdict().claims().measurement().hex()
                + (trust.aecs().simulated() ? " on a SIMULATED platform" : ""));
        lines.add("service     " + trust.service() + (trust.simulated() ? " (SIMULATED: protects nothing)" : ""));
        lines.add("policy      epoch " + trust.policyEpoch() + ", SHA-256 "
                + trust.policyDigest().hex());
        for (ServiceTrust.ModelTrust model : trust.models()) {
            lines.add("model       " + model.name() + " version " + model.version() + ", SHA-256 "
                    + model.modelDigest().hex());
        }
        return lines;
    }

    /// Reads and verifies a file that [#document] made.
    static ServiceTrust read(Path file, AecsVerifier verifier) {
        try {
            JsonObject document = Json.parseObject(OwnerFiles.read(file));
            JsonObject proof = document.object("proof");
            byte[] nonce = Base64.getDecoder().decode(proof.string("nonce"));
            DescribeServiceResponse response =
                    DescribeServiceResponse.parseFrom(Base64.getDecoder().decode(proof.string("response")));
            return verifier.describe(response, nonce, document.string("service"));
        } catch (IllegalArgumentException | InvalidProtocolBufferException e) {
            throw new S3mlException(
                    "CLI-145",
                    "cannot use the trust file " + file,
                    String.valueOf(e.getMessage()),
                    "make it again by `s3ml trust`",
                    e);
        }
    }

    private static String base64(ByteString bytes) {
        return Base64.getEncoder().encodeToString(bytes.toByteArray());
    }
}
