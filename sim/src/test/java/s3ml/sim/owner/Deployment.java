package s3ml.sim.owner;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import s3ml.aecs.Aecs;
import s3ml.aecs.AecsConfig;
import s3ml.aecs.AecsProcess;
import s3ml.aecs.AuditLog;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.CollateralSource;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.Platform;
import s3ml.attest.Policy;
import s3ml.attest.ReportData;
import s3ml.attest.SealTo;
import s3ml.attest.SecretBytes;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;
import s3ml.protocol.NativeCrypto;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.SimulatedPlatform;

/// A simulated platform with one AECS on it, and what owners need to know of them.
final class Deployment implements AutoCloseable {
    final EnclaveIdentity aecsEnclave = enclave(1);
    final EnclaveIdentity serverEnclave = enclave(2);
    final SimulatedPlatform platform;
    final CollateralSource collateral;
    private final AecsProcess aecs;

    Deployment(Path folder, byte[] adminKey) {
        this(folder, adminKey, SimulatedPlatform.open(folder.resolve("platform"), InstantSource.system()));
    }

    /// Another AECS on a platform that exists.
    Deployment(Path folder, byte[] adminKey, SimulatedPlatform platform) {
        this(folder, adminKey, platform, AecsConfig.Times.DEFAULT);
    }

    /// One with other lifetimes.
    Deployment(Path folder, byte[] adminKey, SimulatedPlatform platform, AecsConfig.Times times) {
        this.platform = platform;
        String json = platform.collateralJson(EvidenceKind.SGX_V3);
        Collateral kept = Collateral.parse(json);
        collateral = quote -> kept;
        write(folder.resolve("collateral.json"), json);
        write(folder.resolve("aecs-policy.json"), policy(aecsEnclave));
        AecsConfig config = new AecsConfig(
                new AecsConfig.Listen("127.0.0.1", 0, Optional.empty()),
                new AecsConfig.SqliteStore(folder.resolve("aecs.db")),
                folder.resolve("aecs.root"),
                new AecsConfig.Bootstrap(List.of(Base64.getEncoder().encodeToString(adminKey)), 1, true),
                URI.create("http://127.0.0.1:1"),
                times,
                new AecsConfig.Replicas(List.of(), false));
        AuditLog audit = new AuditLog(
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                InstantSource.system(),
                true);
        aecs = AecsProcess.start(
                platformOf(aecsEnclave),
                config,
                collateral,
                new Aecs.Context(InstantSource.system(), new SecureRandom(), audit));
    }

    static EnclaveIdentity enclave(int content) {
        byte[] measurement = new byte[32];
        measurement[0] = (byte) content;
        return EnclaveIdentity.of(measurement, new byte[48], new EnclaveIdentity.Signed(new byte[32], 1, 1, false));
    }

    /// A policy that trusts this enclave on this platform only.
    String policy(EnclaveIdentity enclave) {
        return """
                {"version": 1, "roots": ["sha256:%s"], "allowSimulated": true, "rules": [{"mrEnclave": "%s"}]}""".formatted(platform.rootFingerprint(), HexFormat.of().formatHex(enclave.measurement()));
    }

    EvidenceIssuer issuer(EnclaveIdentity enclave) {
        return new EvidenceIssuer() {
            @Override
            public byte[] issue(ReportData reportData) {
                return platform.quote(EvidenceKind.SGX_V3, enclave, reportData.bytes());
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

    private Platform platformOf(EnclaveIdentity enclave) {
        return new Platform(
                issuer(enclave),
                (to, context) -> SecretBytes.takeOver(
                        to == SealTo.ENCLAVE
                                ? platform.keyForEnclave(enclave, context)
                                : platform.keyForSigner(enclave, context)));
    }

    Endpoint aecsEndpoint() {
        return new Endpoint("127.0.0.1", aecs.port());
    }

    AecsVerifier verifier(String policy) {
        return new AecsVerifier(
                new Appraiser(NativeCrypto.provider()), Policy.parse(policy), collateral, InstantSource.system());
    }

    AecsChannel channel(AecsVerifier verifier, Endpoint... endpoints) {
        return new AecsChannel(List.of(endpoints), verifier, new SecureRandom());
    }

    static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        aecs.close();
    }
}
