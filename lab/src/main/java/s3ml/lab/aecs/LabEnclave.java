package s3ml.lab.aecs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import s3ml.attest.Collateral;
import s3ml.attest.CollateralSource;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.ReportData;
import s3ml.attest.SealTo;
import s3ml.attest.SealingKeys;
import s3ml.attest.SecretBytes;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.SimulatedPlatform;

/// An enclave that is named rather than measured: for measuring speed, where the loader would only be in the way.
final class LabEnclave implements EvidenceIssuer, SealingKeys {
    private final SimulatedPlatform platform;
    private final EnclaveIdentity identity;

    LabEnclave(SimulatedPlatform platform, String name) {
        this.platform = platform;
        byte[] measurement = Digest.of(name.getBytes(StandardCharsets.UTF_8)).bytes();
        byte[] signer = Digest.of("lab".getBytes(StandardCharsets.UTF_8)).bytes();
        this.identity = EnclaveIdentity.of(
                measurement, Arrays.copyOf(measurement, 48), new EnclaveIdentity.Signed(signer, 1, 1, false));
    }

    /// A policy that accepts this enclave only.
    String policy() {
        return "{\"version\":1,\"roots\":[\"sha256:" + platform.rootFingerprint()
                + "\"],\"allowSimulated\":true,\"rules\":[{\"mrEnclave\":\""
                + HexFormat.of().formatHex(identity.measurement()) + "\"}],\"tcbStatuses\":[\"UpToDate\"]}";
    }

    static CollateralSource collateral(SimulatedPlatform platform) {
        Collateral collateral = Collateral.parse(platform.collateralJson(EvidenceKind.SGX_V3));
        return quote -> collateral;
    }

    @Override
    public byte[] issue(ReportData reportData) {
        return platform.quote(EvidenceKind.SGX_V3, identity, reportData.bytes());
    }

    @Override
    public String name() {
        return "lab";
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
