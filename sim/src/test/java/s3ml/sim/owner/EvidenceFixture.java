package s3ml.sim.owner;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import s3ml.attest.Collateral;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.RaTlsCertificate;
import s3ml.attest.ReportData;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.cli.S3mlClient;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.PccsServer;
import s3ml.sim.platform.SimulatedPlatform;

/// Files with evidence of a simulated platform, its PCCS, and the owners' commands run over them.
final class EvidenceFixture implements AutoCloseable {
    final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    final SimulatedPlatform platform;
    final PccsServer pccs;
    final byte[] quote;
    final byte[] tdxQuote;
    private final Path folder;
    private final EnclaveIdentity enclave = EnclaveIdentity.of(
            filled(32, 0xc0), filled(48, 0xc0), new EnclaveIdentity.Signed(filled(32, 0x51), 3, 7, false));

    EvidenceFixture(Path folder) {
        this.folder = folder;
        this.platform = SimulatedPlatform.open(folder.resolve("platform"), InstantSource.fixed(now));
        this.pccs = PccsServer.start(platform);
        this.quote = platform.quote(EvidenceKind.SGX_V3, enclave, new byte[64]);
        this.tdxQuote = platform.quote(EvidenceKind.TDX_V5_TD15, enclave, new byte[64]);
    }

    /// What a command printed and how it ended.
    record Ran(int status, String out, String err) {
        JsonObject json() {
            return Json.parseObject(out);
        }

        /// The code of the first finding.
        String code() {
            return json().array("findings").objects().getFirst().string("code");
        }
    }

    static Ran run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = S3mlClient.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Ran(status, out.toString(), err.toString());
    }

    String file(String name, byte[] content) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(folder);
            return Files.write(file, content).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String file(String name, String content) {
        return file(name, content.getBytes(StandardCharsets.UTF_8));
    }

    String quoteFile() {
        return file("quote.bin", quote);
    }

    String collateralFile() {
        return file("collateral.json", platform.collateralJson(EvidenceKind.SGX_V3));
    }

    /// A folder of files as the PCCS serves them: the root's list in hexadecimal digits, the other in DER.
    String collateralFolder() {
        Collateral all = Collateral.parse(platform.collateralJson(EvidenceKind.SGX_V3));
        try {
            Files.createDirectories(folder.resolve("collateral"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        file("collateral/pck_crl.der", all.crls().pckCrl());
        file("collateral/pck_crl_issuer_chain.pem", all.crls().issuerChain());
        file("collateral/root_ca_crl.der", HexFormat.of().formatHex(all.crls().rootCrl()));
        file("collateral/tcb_info.json", all.tcbInfo().toAnswer("tcbInfo"));
        file("collateral/tcb_info_issuer_chain.pem", all.tcbInfo().issuerChain());
        file("collateral/qe_identity.json", all.qeIdentity().toAnswer("enclaveIdentity"));
        file("collateral/qe_identity_issuer_chain.pem", all.qeIdentity().issuerChain());
        return folder.resolve("collateral").toString();
    }

    String policyFile() {
        return policyFile(enclave);
    }

    String policyFileForOtherCode() {
        return policyFile(EnclaveIdentity.of(
                filled(32, 0xdd), filled(48, 0xdd), new EnclaveIdentity.Signed(filled(32, 0x51), 3, 7, false)));
    }

    private String policyFile(EnclaveIdentity trusted) {
        HexFormat hex = HexFormat.of();
        return file(
                "policy.json",
                "{\"version\":1,\"roots\":[\"sha256:" + platform.rootFingerprint()
                        + "\"],\"allowSimulated\":true,\"rules\":[{\"mrEnclave\":\""
                        + hex.formatHex(trusted.measurement()) + "\"},{\"mrTd\":\""
                        + hex.formatHex(trusted.wideMeasurement()) + "\"}]}");
    }

    String rootFile() {
        return file("root.der", platform.rootCertificate());
    }

    static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// An enclave's certificate over `keys`.
    X509Certificate certificate(KeyPair keys, EvidenceIssuer issuer) {
        RaTlsCertificate.Validity validity =
                new RaTlsCertificate.Validity(now.minus(Duration.ofHours(1)), now.plus(Duration.ofHours(1)));
        return RaTlsCertificate.issue(issuer, keys, "replica", null, validity);
    }

    EvidenceIssuer issuer() {
        return issuer(data -> platform.quote(EvidenceKind.SGX_V3, enclave, data.bytes()));
    }

    static EvidenceIssuer issuer(java.util.function.Function<ReportData, byte[]> quotes) {
        return new EvidenceIssuer() {
            @Override
            public byte[] issue(ReportData reportData) {
                return quotes.apply(reportData);
            }

            @Override
            public String name() {
                return "simulated";
            }

            @Override
            public boolean simulated() {
                return true;
            }
        };
    }

    static String pem(byte[] der) {
        return "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(der)
                + "\n-----END CERTIFICATE-----\n";
    }

    private static byte[] filled(int count, int value) {
        byte[] bytes = new byte[count];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Override
    public void close() {
        pccs.close();
    }
}
