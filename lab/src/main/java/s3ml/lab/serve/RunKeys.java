package s3ml.lab.serve;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import s3ml.attest.Digest;
import s3ml.attest.SecretBytes;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.protocol.Lease;
import s3ml.protocol.ModelPackageWriter;
import s3ml.server.ServingKeys;

/// Keys for one run, in a file of a private folder: what a lease brings, without anybody who attested anything.
public final class RunKeys {
    private static final String FILE = "keys.json";

    private RunKeys() {}

    /// Packs the models into `folder` and writes the keys beside them.
    ///
    /// @return the service's CA
    public static X509Certificate write(Path folder, Map<String, byte[]> models) throws IOException {
        try {
            KeyPair authority = keyPair();
            X509Certificate ca = certificate(authority, "CN=lab CA", authority, true);
            KeyPair leaf = keyPair();
            X509Certificate certificate = certificate(leaf, "CN=localhost", authority, false);
            List<JsonValue> packed = new ArrayList<>();
            for (Map.Entry<String, byte[]> model : models.entrySet()) {
                packed.add(pack(folder, model.getKey(), model.getValue()));
            }
            JsonObject keys = JsonObject.builder()
                    .put("key", base64(leaf.getPrivate().getEncoded()))
                    .put("leaf", base64(certificate.getEncoded()))
                    .put("ca", base64(ca.getEncoded()))
                    .put("models", new JsonArray(packed))
                    .build();
            Files.writeString(folder.resolve(FILE), Json.write(keys), StandardCharsets.UTF_8);
            return ca;
        } catch (GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this JDK cannot make P-256 keys", e);
        }
    }

    private static KeyPair keyPair() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(256);
        return generator.generateKeyPair();
    }

    private static X509Certificate certificate(KeyPair subject, String name, KeyPair issuer, boolean authority)
            throws GeneralSecurityException, OperatorCreationException, CertIOException {
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=lab CA"),
                BigInteger.valueOf(now.toEpochMilli() + (authority ? 0 : 1)),
                Date.from(now.minus(Duration.ofHours(1))),
                Date.from(now.plus(Duration.ofDays(1))),
                new X500Name(name),
                subject.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (!authority) {
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
        }
        X509CertificateHolder holder =
                builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuer.getPrivate()));
        try {
            return parse(holder.getEncoded());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JsonObject pack(Path folder, String name, byte[] model) throws IOException {
        Path file = Files.write(folder.resolve(name + ".tflite"), model);
        ModelPackageWriter writer = new ModelPackageWriter(new SecureRandom());
        try (SecretBytes key = writer.newKey()) {
            ModelPackageWriter.Packed packed = writer.pack(
                    file, new ModelPackageWriter.Title(name, "1", List.of()), key, folder.resolve(name + "-1.s3mlpkg"));
            return JsonObject.builder()
                    .put("name", name)
                    .put("key", key.expose(RunKeys::base64))
                    .put("manifest", packed.manifestDigest().hex())
                    .put("model", packed.manifest().modelDigest().hex())
                    .build();
        }
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    /// Reads what [#write] wrote.
    static ServingKeys read(Path folder) throws IOException {
        JsonObject keys = Json.parseObject(Files.readAllBytes(folder.resolve(FILE)));
        Base64.Decoder decoder = Base64.getDecoder();
        List<Lease.ModelKey> models = new ArrayList<>();
        for (JsonValue value : keys.array("models").items()) {
            JsonObject model = (JsonObject) value;
            models.add(new Lease.ModelKey(
                    model.string("name"),
                    "1",
                    SecretBytes.takeOver(decoder.decode(model.string("key"))),
                    Digest.parse(model.string("manifest")),
                    Digest.parse(model.string("model"))));
        }
        try {
            PrivateKey key = KeyFactory.getInstance("EC")
                    .generatePrivate(new PKCS8EncodedKeySpec(decoder.decode(keys.string("key"))));
            List<X509Certificate> chain =
                    List.of(parse(decoder.decode(keys.string("leaf"))), parse(decoder.decode(keys.string("ca"))));
            byte[] ticket = new byte[16];
            new SecureRandom().nextBytes(ticket);
            Lease.TicketKey tickets = new Lease.TicketKey(
                    ByteString.copyFrom(ticket), SecretBytes.copyOf(ticket), SecretBytes.copyOf(ticket));
            return new ServingKeys(new Lease.TlsIdentity(key, chain), List.of(tickets), List.of(), models, Map.of());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the keys of the run are not readable", e);
        }
    }

    private static X509Certificate parse(byte[] der) throws GeneralSecurityException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }
}
