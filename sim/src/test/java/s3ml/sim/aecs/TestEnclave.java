package s3ml.sim.aecs;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import s3ml.attest.Digest;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.Platform;
import s3ml.attest.ReportData;
import s3ml.attest.SealTo;
import s3ml.attest.SealingKeys;
import s3ml.attest.SecretBytes;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.SimulatedPlatform;

/// An enclave on a simulated platform, named instead of measured: what it can ask its platform for.
final class TestEnclave implements EvidenceIssuer, SealingKeys {
    private final SimulatedPlatform platform;
    private final EnclaveIdentity identity;
    private final EvidenceKind kind;

    TestEnclave(SimulatedPlatform platform, EnclaveIdentity identity, EvidenceKind kind) {
        this.platform = platform;
        this.identity = identity;
        this.kind = kind;
    }

    static EnclaveIdentity identity(String content, int securityVersion, boolean debug) {
        byte[] measurement = Digest.of(content.getBytes(StandardCharsets.UTF_8)).bytes();
        byte[] signer = Digest.of("signer".getBytes(StandardCharsets.UTF_8)).bytes();
        return EnclaveIdentity.of(
                measurement,
                Arrays.copyOf(measurement, 48),
                new EnclaveIdentity.Signed(signer, 1, securityVersion, debug));
    }

    String measurement() {
        return java.util.HexFormat.of().formatHex(identity.measurement());
    }

    Platform asPlatform() {
        return new Platform(this, this);
    }

    @Override
    public byte[] issue(ReportData reportData) {
        return platform.quote(kind, identity, reportData.bytes());
    }

    @Override
    public String name() {
        return "test enclave";
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
