package s3ml.client.verify;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.Policy;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.log.KnownLog;
import s3ml.client.verify.ServerDossier.AecsStatement;
import s3ml.client.verify.ServerDossier.LogStatement;
import s3ml.client.verify.ServerDossier.WitnessStatement;
import s3ml.wire.aecs.CoSignedHead;
import s3ml.wire.aecs.DescribeServiceResponse;
import s3ml.wire.aecs.LogReceipt;
import s3ml.wire.aecs.ProveLogResponse;

/// A dossier in one JSON file, which verifies without a network, years later.
///
/// Its last member is the SHA-256 of all others as written compactly: a changed byte anywhere shows. Whoever makes the
/// file anew can write another sum; what the signatures inside cover, nobody can change. They do not cover when the
/// file was made and that the server at this address held its certificate's key: for these two, the maker of the file
/// is believed.
///
/// Codes: `CLI-211` a file that was changed or has another form.
public final class DossierFile {
    /// First member of the file, by which it is known.
    public static final String FORMAT = "s3ml server bundle 1";

    /// So that a file with another version, or a damaged one, is still told apart from evidence of other kinds.
    private static final Pattern START = Pattern.compile("\\s*\\{\\s*\"format\"");

    private static final Set<String> MEMBERS =
            Set.of("format", "at", "server", "aecs", "collateral", "log", "expectations", "sha256");
    private static final Base64.Encoder ENCODER = Base64.getEncoder();
    private static final Base64.Decoder DECODER = Base64.getDecoder();

    private DossierFile() {}

    /// Whether a file claims to be one of these.
    public static boolean isOne(byte[] content) {
        String start = new String(content, 0, Math.min(content.length, 200), StandardCharsets.ISO_8859_1);
        return START.matcher(start).lookingAt();
    }

    /// The file's content.
    ///
    /// @throws S3mlException `CLI-211` if something is missing that a verdict takes
    public static String write(ServerDossier dossier) {
        AecsStatement aecs = dossier.aecs().orElseThrow(() -> incomplete("no AECS answered"));
        LogStatement log = dossier.log().orElseThrow(() -> incomplete("the AECS did not show its log"));
        Collateral collateral =
                aecs.collateral().orElseThrow(() -> incomplete("there is no collateral: name some by --pccs"));
        JsonObject.Builder document = JsonObject.builder()
                .put("format", FORMAT)
                .put("at", dossier.at().toString())
                .put("server", server(dossier.server()))
                .put(
                        "aecs",
                        JsonObject.builder()
                                .put("address", aecs.address())
                                .put("tlsKeySha256", aecs.tlsKey().hex())
                                .put("nonce", text(aecs.nonce()))
                                .put("answer", text(aecs.answer().toByteString()))
                                .build())
                .put("collateral", Json.parse(collateral.toJson()))
                .put("log", log(log))
                .put("expectations", expectations(dossier.expectations()));
        document.put("sha256", sum(document.build()));
        return Json.writePretty(document.build()) + "\n";
    }

    private static S3mlException incomplete(String why) {
        return new S3mlException("CLI-211", "could not make the bundle", why, "make it again when all can be asked");
    }

    private static String sum(JsonObject document) {
        JsonObject.Builder covered = JsonObject.builder();
        document.members().forEach((name, value) -> {
            if (!name.equals("sha256")) {
                covered.put(name, value);
            }
        });
        return Digest.of(Json.write(covered.build()).getBytes(StandardCharsets.UTF_8))
                .hex();
    }

    private static JsonObject server(ServerStatement server) {
        List<String> certificates = new ArrayList<>();
        try {
            for (X509Certificate certificate : server.chain()) {
                certificates.add(ENCODER.encodeToString(certificate.getEncoded()));
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read has no encoding", e);
        }
        JsonObject.Builder json =
                JsonObject.builder().put("url", server.url()).put("certificates", JsonArray.ofStrings(certificates));
        server.shown()
                .ifPresent(shown -> json.put("service", shown.service())
                        .put("aecs", JsonArray.ofStrings(shown.aecs()))
                        .put("receipt", text(shown.receipt().toByteString())));
        return json.build();
    }

    private static JsonObject log(LogStatement log) {
        JsonObject.Builder json =
                JsonObject.builder().put("proof", text(log.proof().toByteString()));
        log.remembered().ifPresent(known -> json.put("remembered", known.toJson()));
        log.witness().flatMap(WitnessStatement::signed).ifPresent(signed -> {
            WitnessStatement witness = log.witness().orElseThrow();
            json.put(
                    "witness",
                    JsonObject.builder()
                            .put("address", witness.address())
                            .put("key", text(witness.key()))
                            .put("signed", text(signed.toByteString()))
                            .put(
                                    "link",
                                    JsonArray.ofStrings(witness.link().stream()
                                            .map(DossierFile::text)
                                            .toList()))
                            .build());
        });
        return json.build();
    }

    private static JsonObject expectations(Expectations expected) {
        JsonObject.Builder json = JsonObject.builder();
        expected.aecsPolicy().ifPresent(policy -> json.put("aecsPolicy", policy.json()));
        expected.service().ifPresent(service -> json.put("service", service));
        expected.servicePolicy().ifPresent(policy -> json.put("policy", policy.json()));
        expected.model()
                .ifPresent(model -> json.put(
                        "model",
                        JsonObject.builder()
                                .put("name", model.name())
                                .put("sha256", model.digest().hex())
                                .put("packaged", model.packaged())
                                .build()));
        expected.referenceValues().ifPresent(values -> json.put("referenceValues", values.text()));
        return json.build();
    }

    /// Reads a file and compares its sum.
    ///
    /// @throws S3mlException `CLI-211`
    public static ServerDossier parse(byte[] content) {
        try {
            JsonObject json = Json.parseObject(content).onlyMembers(MEMBERS);
            if (!json.string("format").equals(FORMAT)) {
                throw changed("its format is \"" + json.string("format") + "\"", null);
            }
            if (!json.string("sha256").equals(sum(json))) {
                throw changed("its content is not the one that its sum was made of", null);
            }
            return read(json);
        } catch (CertificateException
                | InvalidProtocolBufferException
                | IllegalArgumentException
                | DateTimeException e) {
            throw changed(String.valueOf(e.getMessage()), e);
        } catch (S3mlException e) {
            throw e.code().equals("CLI-211") ? e : changed(String.valueOf(e.getMessage()), e);
        }
    }

    private static S3mlException changed(String why, @Nullable Throwable cause) {
        return new S3mlException(
                "CLI-211", "refused the bundle", why, "get the file again from where it was kept", cause);
    }

    private static ServerDossier read(JsonObject json) throws CertificateException, InvalidProtocolBufferException {
        JsonObject aecs = json.object("aecs").onlyMembers(Set.of("address", "tlsKeySha256", "nonce", "answer"));
        AecsStatement statement = new AecsStatement(
                aecs.string("address"),
                Digest.parse(aecs.string("tlsKeySha256")),
                bytes(aecs.string("nonce")),
                DescribeServiceResponse.parseFrom(bytes(aecs.string("answer"))),
                Optional.of(Collateral.parse(Json.write(json.object("collateral")))));
        return new ServerDossier(
                Instant.parse(json.string("at")),
                readServer(json.object("server")),
                Optional.of(statement),
                Optional.of(readLog(json.object("log"))),
                readExpectations(json.object("expectations")),
                List.of());
    }

    private static ServerStatement readServer(JsonObject json)
            throws CertificateException, InvalidProtocolBufferException {
        json.onlyMembers(Set.of("url", "certificates", "service", "aecs", "receipt"));
        List<X509Certificate> chain = new ArrayList<>();
        for (String certificate : json.array("certificates").strings()) {
            chain.add((X509Certificate) CertificateFactory.getInstance("X.509")
                    .generateCertificate(new ByteArrayInputStream(DECODER.decode(certificate))));
        }
        Optional<ServerStatement.Shown> shown = json.has("receipt")
                ? Optional.of(new ServerStatement.Shown(
                        json.string("service"),
                        json.array("aecs").strings(),
                        LogReceipt.parseFrom(bytes(json.string("receipt")))))
                : Optional.empty();
        return new ServerStatement(json.string("url"), chain, shown);
    }

    private static LogStatement readLog(JsonObject json) throws InvalidProtocolBufferException {
        json.onlyMembers(Set.of("proof", "remembered", "witness"));
        Optional<WitnessStatement> witness = Optional.empty();
        if (json.has("witness")) {
            JsonObject known = json.object("witness").onlyMembers(Set.of("address", "key", "signed", "link"));
            witness = Optional.of(new WitnessStatement(
                    known.string("address"),
                    bytes(known.string("key")),
                    Optional.of(CoSignedHead.parseFrom(bytes(known.string("signed")))),
                    known.array("link").strings().stream()
                            .map(DossierFile::bytes)
                            .toList(),
                    Optional.empty()));
        }
        return new LogStatement(
                ProveLogResponse.parseFrom(bytes(json.string("proof"))),
                json.optionalObject("remembered").map(KnownLog::fromJson),
                witness);
    }

    private static Expectations readExpectations(JsonObject json) {
        json.onlyMembers(Set.of("aecsPolicy", "service", "policy", "model", "referenceValues"));
        return new Expectations(
                json.optionalString("aecsPolicy").map(Policy::parse),
                json.optionalString("service"),
                json.optionalString("policy").map(Policy::parse),
                json.optionalObject("model")
                        .map(model -> new Expectations.ExpectedModel(
                                model.string("name"), Digest.parse(model.string("sha256")), model.bool("packaged"))),
                json.optionalString("referenceValues").map(ReferenceValues::parse));
    }

    private static String text(ByteString bytes) {
        return ENCODER.encodeToString(bytes.toByteArray());
    }

    private static ByteString bytes(String text) {
        return ByteString.copyFrom(DECODER.decode(text));
    }
}
