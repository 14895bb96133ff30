package s3ml.sim.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.Finding;
import s3ml.attest.Policy;
import s3ml.attest.Rejected;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;

/// The verifier that judges real hardware judges the simulated platform's evidence.
final class AppraisalTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final EnclaveIdentity ENCLAVE = SimulatedPlatformTest.enclave(0xf1, 1, false);

    @TempDir
    Path folder;

    private SimulatedPlatform platform(PlatformStanding standing) {
        return SimulatedPlatform.open(folder, standing, InstantSource.fixed(NOW));
    }

    private static Verdict appraise(
            SimulatedPlatform platform, EvidenceKind kind, EnclaveIdentity enclave, String policy) {
        byte[] quote = platform.quote(kind, enclave, new byte[64]);
        return new Appraiser(null)
                .appraise(quote, Collateral.parse(platform.collateralJson(kind)), Policy.parse(policy), NOW);
    }

    private static String rule(EvidenceKind kind) {
        HexFormat hex = HexFormat.of();
        return kind.tdx()
                ? "{\"mrTd\":\"" + hex.formatHex(ENCLAVE.wideMeasurement()) + "\"}"
                : "{\"mrEnclave\":\"" + hex.formatHex(ENCLAVE.measurement()) + "\"}";
    }

    private static String policy(String root, boolean allowSimulated, EvidenceKind kind) {
        return "{\"version\":1,\"roots\":[\"" + root + "\"],\"allowSimulated\":" + allowSimulated + ",\"rules\":["
                + rule(kind) + "]}";
    }

    private static String trusting(SimulatedPlatform platform, EvidenceKind kind) {
        return policy("sha256:" + platform.rootFingerprint(), true, kind);
    }

    private static List<String> codes(Verdict verdict) {
        assertThat(verdict).isInstanceOf(Rejected.class);
        return ((Rejected) verdict).findings().stream().map(Finding::code).toList();
    }

    @ParameterizedTest
    @EnumSource
    void evidence_of_every_kind_is_trusted_under_a_policy_that_names_the_root(EvidenceKind kind) {
        SimulatedPlatform platform = platform(PlatformStanding.GOOD);

        Verdict verdict = appraise(platform, kind, ENCLAVE, trusting(platform, kind));

        assertThat(verdict).isInstanceOf(Trusted.class);
        assertThat(((Trusted) verdict).simulated()).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void evidence_is_refused_under_a_policy_that_trusts_Intel_only(EvidenceKind kind) {
        SimulatedPlatform platform = platform(PlatformStanding.GOOD);

        assertThat(codes(appraise(platform, kind, ENCLAVE, policy("intel", true, kind))))
                .isNotEmpty();
    }

    @Test
    void evidence_is_refused_under_a_policy_that_names_the_root_but_allows_no_simulation() {
        SimulatedPlatform platform = platform(PlatformStanding.GOOD);
        String policy = policy("sha256:" + platform.rootFingerprint(), false, EvidenceKind.SGX_V3);

        assertThat(codes(appraise(platform, EvidenceKind.SGX_V3, ENCLAVE, policy)))
                .contains("ATT-156");
    }

    @Test
    void a_debug_enclave_another_measurement_and_a_revoked_platform_are_refused() {
        SimulatedPlatform good = platform(PlatformStanding.GOOD);
        SimulatedPlatform revoked = platform(new PlatformStanding("UpToDate", List.of(), true));
        EvidenceKind kind = EvidenceKind.SGX_V3;

        assertThat(codes(appraise(good, kind, SimulatedPlatformTest.enclave(0xf1, 1, true), trusting(good, kind))))
                .hasSize(1);
        assertThat(codes(appraise(good, kind, SimulatedPlatformTest.enclave(2, 1, false), trusting(good, kind))))
                .hasSize(1);
        assertThat(codes(appraise(revoked, kind, ENCLAVE, trusting(revoked, kind))))
                .hasSize(1);
    }

    @Test
    void the_standing_of_the_platform_is_what_the_verdict_says() {
        SimulatedPlatform platform =
                platform(new PlatformStanding("SWHardeningNeeded", List.of("INTEL-SA-00615"), false));
        String policy = trusting(platform, EvidenceKind.SGX_V3);
        String tolerant =
                policy.substring(0, policy.length() - 1) + ",\"tcbStatuses\":[\"UpToDate\",\"SWHardeningNeeded\"]}";

        assertThat(appraise(platform, EvidenceKind.SGX_V3, ENCLAVE, policy)).isInstanceOf(Rejected.class);
        Verdict verdict = appraise(platform, EvidenceKind.SGX_V3, ENCLAVE, tolerant);
        assertThat(((Trusted) verdict).claims().advisoryIds()).containsExactly("INTEL-SA-00615");
    }
}
