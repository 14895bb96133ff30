package s3ml.sim.platform;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import s3ml.attest.Collateral;
import s3ml.attest.CollateralSource;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.Platform;
import s3ml.attest.ReportData;
import s3ml.attest.SealTo;
import s3ml.attest.SealingKeys;
import s3ml.attest.SecretBytes;
import s3ml.attest.TeeType;

/// An enclave on a simulated platform that is named instead of loaded and measured: for tests and measurements in one
/// process, where the loader would only be in the way.
public final class NamedEnclave implements EvidenceIssuer, SealingKeys {
    private static final int TD_MEASUREMENT_BYTES = 48;

    private final SimulatedPlatform platform;
    private final EnclaveIdentity identity;
    private final EvidenceKind kind;

    public NamedEnclave(SimulatedPlatform platform, EnclaveIdentity identity, EvidenceKind kind) {
        this.platform = platform;
        this.identity = identity;
        this.kind = kind;
    }

    /// An SGX enclave whose measurement is the digest of a name.
    public static NamedEnclave of(SimulatedPlatform platform, String name) {
        return new NamedEnclave(platform, identity(name, 1, false), EvidenceKind.SGX_V3);
    }

    /// What a name stands for. All named enclaves have one signer.
    public static EnclaveIdentity identity(String name, int securityVersion, boolean debug) {
        byte[] measurement = Digest.of(name.getBytes(StandardCharsets.UTF_8)).bytes();
        byte[] signer = Digest.of("signer".getBytes(StandardCharsets.UTF_8)).bytes();
        return EnclaveIdentity.of(
                measurement,
                Arrays.copyOf(measurement, TD_MEASUREMENT_BYTES),
                new EnclaveIdentity.Signed(signer, 1, securityVersion, debug));
    }

    /// Collateral straight from the platform, without a PCCS between.
    public static CollateralSource collateral(SimulatedPlatform platform) {
        return quote -> Collateral.parse(
                platform.collateralJson(quote.teeType() == TeeType.SGX ? EvidenceKind.SGX_V3 : EvidenceKind.TDX_V4));
    }

    /// MRENCLAVE, hex.
    public String measurement() {
        return HexFormat.of().formatHex(identity.measurement());
    }

    /// A policy that accepts this enclave only.
    public String policy() {
        return "{\"version\":1,\"roots\":[\"sha256:" + platform.rootFingerprint()
                + "\"],\"allowSimulated\":true,\"rules\":[{\"mrEnclave\":\"" + measurement()
                + "\"}],\"tcbStatuses\":[\"UpToDate\"]}";
    }

    /// What a main is wired with.
    public Platform asPlatform() {
        return new Platform(this, this);
    }

    @Override
    public byte[] issue(ReportData reportData) {
        return platform.quote(kind, identity, reportData.bytes());
    }

    @Override
    public String name() {
        return "named enclave";
    }

    @Override
    public boolean simulated() {
        return true;
    }

    @Override
    public SecretBytes derive(SealTo to, byte[] context) {
        return SecretBytes.takeOver(
                switch (to) {
                    case ENCLAVE -> platform.keyForEnclave(identity, context);
                    case SIGNER -> platform.keyForSigner(identity, context);
                });
    }
}
