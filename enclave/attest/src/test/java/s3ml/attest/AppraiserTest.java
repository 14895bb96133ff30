package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.attest.TestPlatform.AT;
import static s3ml.attest.TestPlatform.codeRule;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

final class AppraiserTest {
    private static final TestPlatform PLATFORM = new TestPlatform();
    private static final ReportData DATA = ReportData.ofDigest(Digest.of(new byte[] {1}));

    private final Appraiser appraiser = new Appraiser(TestProvider.fastest());
    private final byte[] quote = PLATFORM.sgxQuote(DATA);
    private final Collateral collateral = PLATFORM.collateral(TeeType.SGX);

    private static void assertRejected(Verdict verdict, Check... checks) {
        assertThat(verdict)
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.findings().stream()
                                        .map(Finding::code)
                                        .distinct())
                                .containsExactlyInAnyOrder(java.util.Arrays.stream(checks)
                                        .map(Check::code)
                                        .toArray(String[]::new)));
    }

    @Test
    void an_enclave_that_the_policy_names_is_trusted_for_what_it_is() {
        Verdict verdict = appraiser.appraise(quote, collateral, PLATFORM.policy(codeRule(), ""), AT);

        assertThat(verdict).isInstanceOfSatisfying(Trusted.class, trusted -> {
            assertThat(trusted.claims().measurement()).isEqualTo(Measurement.ofBytes(TestPlatform.CODE));
            assertThat(trusted.claims().reportData()).isEqualTo(DATA);
            assertThat(trusted.claims().tcbStatus()).isEqualTo(TcbStatus.UP_TO_DATE);
            assertThat(trusted.claims().rootFingerprint()).isEqualTo(PLATFORM.fingerprint());
            assertThat(trusted.claims().validUntil()).isEqualTo(AT.plus(Duration.ofDays(29)));
            assertThat(trusted.simulated()).isFalse();
        });
    }

    @Test
    void the_same_by_the_provider_of_the_JDK() {
        Verdict verdict = new Appraiser(null).appraise(quote, collateral, PLATFORM.policy(codeRule(), ""), AT);

        assertThat(verdict).isInstanceOf(Trusted.class);
    }

    @Test
    void a_trust_domain_that_the_policy_names_is_trusted() {
        String rule = "{\"mrTd\":\"" + HexFormat.of().formatHex(TestPlatform.TD) + "\"}";
        Verdict verdict = appraiser.appraise(
                PLATFORM.tdxQuote(DATA), PLATFORM.collateral(TeeType.TDX), PLATFORM.policy(rule, ""), AT);

        assertThat(verdict).isInstanceOf(Trusted.class);
    }

    @Test
    void an_empty_policy_trusts_nobody() {
        assertRejected(appraiser.appraise(quote, collateral, Policy.parse("{\"version\":1}"), AT), Check.POLICY_EMPTY);
    }

    @Test
    void other_code_is_rejected_with_the_value_that_was_found() {
        String rule = "{\"mrEnclave\":\"" + "11".repeat(32) + "\"}";

        Verdict verdict = appraiser.appraise(quote, collateral, PLATFORM.policy(rule, ""), AT);

        assertRejected(verdict, Check.POLICY_RULE);
        assertThat(((Rejected) verdict).findings().getFirst().actual())
                .isEqualTo(HexFormat.of().formatHex(TestPlatform.CODE));
    }

    @Test
    void one_rule_of_several_is_enough() {
        String rules = "{\"mrEnclave\":\"" + "11".repeat(32) + "\"},{\"mrSigner\":\""
                + HexFormat.of().formatHex(TestPlatform.SIGNER) + "\",\"isvProdId\":1,\"minIsvSvn\":8}";

        assertThat(appraiser.appraise(quote, collateral, PLATFORM.policy(rules, ""), AT))
                .isInstanceOf(Trusted.class);
    }

    @Test
    void a_version_below_the_minimum_is_rejected() {
        String rule = "{\"mrSigner\":\"" + HexFormat.of().formatHex(TestPlatform.SIGNER)
                + "\",\"isvProdId\":1,\"minIsvSvn\":9}";

        assertRejected(appraiser.appraise(quote, collateral, PLATFORM.policy(rule, ""), AT), Check.POLICY_RULE);
    }

    @Test
    void a_debug_enclave_is_rejected_unless_the_policy_allows_it() {
        byte[] debug = PLATFORM.sgxQuote(DATA, 2);

        assertRejected(appraiser.appraise(debug, collateral, PLATFORM.policy(codeRule(), ""), AT), Check.POLICY_DEBUG);
        assertThat(appraiser.appraise(debug, collateral, PLATFORM.policy(codeRule(), ",\"debug\":true"), AT))
                .isInstanceOf(Trusted.class);
    }

    @Test
    void a_quote_with_a_revoked_key_is_rejected() {
        Collateral revoking = PLATFORM.documents().revokingTheLeaf().collateral(TeeType.SGX);

        assertRejected(
                appraiser.appraise(quote, revoking, PLATFORM.policy(codeRule(), ""), AT), Check.CERTIFICATE_REVOKED);
    }

    @Test
    void a_root_that_the_policy_does_not_name_is_rejected() {
        Policy other = new TestPlatform().policy(codeRule(), "");

        assertRejected(appraiser.appraise(quote, collateral, other, AT), Check.CHAIN_ROOT);
    }

    @Test
    void collateral_of_another_TEE_is_rejected() {
        Collateral other = PLATFORM.collateral(TeeType.TDX);

        assertRejected(
                appraiser.appraise(quote, other, PLATFORM.policy(codeRule(), ""), AT),
                Check.TCB_INFO_MISMATCH,
                Check.QE_IDENTITY_MISMATCH);
    }

    @Test
    void expired_collateral_is_rejected_and_grace_accepts_it_only_so_long() {
        Instant late = AT.plus(Duration.ofDays(30));
        Policy strict = PLATFORM.policy(codeRule(), "");
        Policy patient = PLATFORM.policy(codeRule(), ",\"collateralGracePeriodSeconds\":172800");

        assertRejected(
                appraiser.appraise(quote, collateral, strict, late),
                Check.CRL_EXPIRED,
                Check.TCB_INFO_EXPIRED,
                Check.QE_IDENTITY_EXPIRED);
        assertThat(appraiser.appraise(quote, collateral, patient, late)).isInstanceOf(Trusted.class);
        assertThat(appraiser.appraise(quote, collateral, patient, late.plus(Duration.ofDays(2))))
                .isInstanceOf(Rejected.class);
    }

    @Test
    void an_outdated_platform_passes_when_the_policy_says_so_or_within_the_grace_period() {
        Collateral outdated = PLATFORM.documents().status("OutOfDate").collateral(TeeType.SGX);
        long grace = Duration.between(Instant.parse("2025-11-12T00:00:00Z"), AT).toSeconds();

        assertRejected(appraiser.appraise(quote, outdated, PLATFORM.policy(codeRule(), ""), AT), Check.POLICY_STATUS);
        assertThat(appraiser.appraise(
                        quote, outdated, PLATFORM.policy(codeRule(), ",\"tcbStatuses\":[\"OutOfDate\"]"), AT))
                .isInstanceOf(Trusted.class);
        assertThat(appraiser.appraise(
                        quote, outdated, PLATFORM.policy(codeRule(), ",\"gracePeriodSeconds\":" + grace), AT))
                .isInstanceOf(Trusted.class);
        assertRejected(
                appraiser.appraise(
                        quote, outdated, PLATFORM.policy(codeRule(), ",\"gracePeriodSeconds\":" + (grace - 1)), AT),
                Check.POLICY_STATUS);
    }

    @Test
    void advisories_pass_when_accepted_and_not_when_refused() {
        Collateral open = PLATFORM.documents().advisory("INTEL-SA-00001").collateral(TeeType.SGX);

        assertThat(appraiser.appraise(quote, open, PLATFORM.policy(codeRule(), ""), AT))
                .isInstanceOf(Trusted.class);
        assertRejected(
                appraiser.appraise(
                        quote, open, PLATFORM.policy(codeRule(), ",\"refusedAdvisories\":[\"INTEL-SA-00001\"]"), AT),
                Check.POLICY_ADVISORY);
        assertRejected(
                appraiser.appraise(quote, open, PLATFORM.policy(codeRule(), ",\"acceptedAdvisories\":[]"), AT),
                Check.POLICY_ADVISORY);
    }

    @Test
    void old_collateral_and_unwanted_platforms_are_rejected() {
        assertRejected(
                appraiser.appraise(
                        quote, collateral, PLATFORM.policy(codeRule(), ",\"minTcbEvaluationDataNumber\":18"), AT),
                Check.POLICY_EVALUATION_NUMBER);
        assertRejected(
                appraiser.appraise(quote, collateral, PLATFORM.policy(codeRule(), ",\"allowSmt\":false"), AT),
                Check.POLICY_PLATFORM);
    }

    @Test
    void bytes_behind_the_quote_change_nothing() {
        byte[] padded = java.util.Arrays.copyOf(quote, 8000);

        assertThat(appraiser.appraise(padded, collateral, PLATFORM.policy(codeRule(), ""), AT))
                .isInstanceOf(Trusted.class);
        assertThat(Quote.parse(padded).trailingBytes()).isEqualTo(8000 - quote.length);
    }

    @Test
    void a_point_off_the_curve_is_no_key_whatever_the_provider_does() {
        byte[] point = TestPki.point(TestPki.keys());
        point[63] ^= 1;
        for (Ecdsa ecdsa : new Ecdsa[] {new Ecdsa(TestProvider.fastest()), new Ecdsa(null)}) {
            assertThatThrownBy(() -> ecdsa.foreignKey(ByteView.of(point))).isInstanceOf(Malformed.class);
        }
    }
}
