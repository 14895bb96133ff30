package s3ml.sim.platform;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import s3ml.attest.Appraiser;
import s3ml.attest.Collateral;
import s3ml.attest.Finding;
import s3ml.attest.Policy;
import s3ml.attest.Rejected;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;

/// What we make of everything that a vendor may say of a platform.
final class VendorStatementsTest {
    static List<VendorCase> cases() {
        return VendorCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_verdict_is_what_the_vendors_statements_come_to(VendorCase each) {
        assertThat(each.judged())
                .as(() -> each.examined().findings().toString())
                .isEqualTo(each.verdict());
    }

    @Test
    void the_lesser_evaluation_number_of_TCB_info_and_QE_identity_counts_against_the_minimum() {
        Vendor vendor = new Vendor(EvidenceKind.SGX_V3).numbers(18, 17);
        Vendor other = new Vendor(EvidenceKind.TDX_V5_TD15).numbers(17, 18);

        for (Vendor each : List.of(vendor, other)) {
            assertThat(appraise(each, 17)).isInstanceOf(Trusted.class);
            assertThat(((Trusted) appraise(each, 0)).claims().tcbEvaluationDataNumber())
                    .isEqualTo(17);
            assertThat(appraise(each, 18))
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            rejected -> assertThat(rejected.findings())
                                    .extracting(Finding::code)
                                    .containsExactly("ATT-154"));
        }
    }

    private static Verdict appraise(Vendor vendor, int least) {
        EnclaveIdentity enclave = SimulatedPlatformTest.enclave(0xf1, 1, false);
        String hex = java.util.HexFormat.of().formatHex(enclave.measurement());
        String wide = java.util.HexFormat.of().formatHex(enclave.wideMeasurement());
        String root = java.util.HexFormat.of().formatHex(Keys.sha(256, vendor.rootCertificate()));
        Policy policy = Policy.parse("{\"version\":1,\"roots\":[\"sha256:" + root
                + "\"],\"allowSimulated\":true,\"rules\":[{\"mrEnclave\":\"" + hex + "\"},{\"mrTd\":\"" + wide
                + "\"}],\"minTcbEvaluationDataNumber\":" + least + "}");
        return new Appraiser(null)
                .appraise(vendor.quote(), Collateral.parse(vendor.collateralJson()), policy, Vendor.AT);
    }
}
