package s3ml.lab.emulated;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import s3ml.client.PemText;

/// Certificates of a control plane and its agents, each signed by itself, as PEM files of one folder.
///
/// @param folder holds NAME.crt and NAME.key of each, and `agents.crt` with those of all but the control plane
public record FleetKeys(Path folder) {
    /// Name of the control plane's certificate.
    public static final String CONTROL = "control";

    /// Makes them.
    public static FleetKeys make(Path folder, List<String> hosts) throws IOException {
        Files.createDirectories(folder);
        FleetKeys keys = new FleetKeys(folder);
        keys.pair(CONTROL);
        StringBuilder agents = new StringBuilder();
        for (String host : hosts) {
            keys.pair(host);
            agents.append(Files.readString(keys.certificate(host)));
        }
        Files.writeString(keys.agents(), agents);
        return keys;
    }

    public Path certificate(String name) {
        return folder.resolve(name + ".crt");
    }

    public Path key(String name) {
        return folder.resolve(name + ".key");
    }

    /// Certificates of all but the control plane.
    public Path agents() {
        return folder.resolve("agents.crt");
    }

    /// How an agent is told whom to report to.
    public List<String> agentOptions(String host, int controlPort) {
        return List.of(
                "--control=127.0.0.1:" + controlPort,
                "--ca=" + certificate(CONTROL),
                "--certificate=" + certificate(host),
                "--key=" + key(host));
    }

    private void pair(String name) throws IOException {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            KeyPair pair = generator.generateKeyPair();
            Instant now = Instant.now();
            X500Name subject = new X500Name("CN=" + name);
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    subject,
                    BigInteger.valueOf(now.toEpochMilli()),
                    Date.from(now.minus(Duration.ofHours(1))),
                    Date.from(now.plus(Duration.ofDays(2))),
                    subject,
                    pair.getPublic());
            builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
                new GeneralName(GeneralName.dNSName, "localhost"), new GeneralName(GeneralName.iPAddress, "127.0.0.1")
            }));
            byte[] certificate = builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(pair.getPrivate()))
                    .getEncoded();
            Files.writeString(certificate(name), PemText.of("CERTIFICATE", certificate));
            Files.writeString(
                    key(name), PemText.of("PRIVATE KEY", pair.getPrivate().getEncoded()));
        } catch (GeneralSecurityException | OperatorCreationException impossible) {
            throw new IllegalStateException("this JDK cannot make P-256 keys", impossible);
        }
    }
}
