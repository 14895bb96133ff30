package s3ml.lab.attest;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import s3ml.attest.Collateral;
import s3ml.attest.Digest;
import s3ml.attest.Measurement;
import s3ml.attest.Policy;
import s3ml.attest.Quote;
import s3ml.attest.SgxReport;
import s3ml.attest.TdReport;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.EvidenceKind;
import s3ml.sim.platform.SimulatedPlatform;

/// A quote of the simulated platform with what it takes to verify it: real in every byte but the root.
final class Specimen {
    private static final int PRODUCT = 1;
    private static final int VERSION = 1;

    private final byte[] quote;
    private final String collateralJson;
    private final byte[] root;
    private final Instant at;

    private Specimen(byte[] quote, String collateralJson, byte[] root, Instant at) {
        this.quote = quote;
        this.collateralJson = collateralJson;
        this.root = root;
        this.at = at;
    }

    /// Makes one; the platform's state is kept in `folder`.
    static Specimen make(Path folder, EvidenceKind kind, Instant at) {
        SimulatedPlatform platform = SimulatedPlatform.open(folder, InstantSource.fixed(at));
        byte[] code =
                Digest.of("the lab's specimen".getBytes(StandardCharsets.UTF_8)).bytes();
        byte[] signer =
                Digest.of("the lab's signer".getBytes(StandardCharsets.UTF_8)).bytes();
        byte[] wide = Arrays.copyOf(code, Measurement.TDX_BYTES);
        EnclaveIdentity enclave =
                EnclaveIdentity.of(code, wide, new EnclaveIdentity.Signed(signer, PRODUCT, VERSION, false));
        byte[] quote = platform.quote(kind, enclave, new byte[64]);
        return new Specimen(quote, platform.collateralJson(kind), platform.rootCertificate(), at);
    }

    byte[] quote() {
        return quote;
    }

    String collateralJson() {
        return collateralJson;
    }

    Collateral collateral() {
        return Collateral.parse(collateralJson);
    }

    byte[] root() {
        return root;
    }

    Instant at() {
        return at;
    }

    /// A policy that trusts the specimen.
    Policy policy() {
        String rule = switch (Quote.parse(quote).body()) {
            case SgxReport report -> "{\"mrEnclave\":\"" + report.mrEnclave().hex() + "\"}";
            case TdReport report -> "{\"mrTd\":\"" + report.mrTd().hex() + "\"}";
        };
        return Policy.parse("{\"version\":1,\"roots\":[\"sha256:"
                + Digest.of(root).hex() + "\"],\"allowSimulated\":true,\"rules\":[" + rule + "]}");
    }
}
