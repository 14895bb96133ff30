package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static s3ml.attest.TestPlatform.AT;
import static s3ml.attest.TestPlatform.codeRule;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What an appraiser keeps never outlives what it was verified for.
final class KeptMaterialTest {
    private static final TestPlatform PLATFORM = new TestPlatform();

    private final byte[] quote = PLATFORM.sgxQuote(ReportData.of(new byte[64]));
    private final Collateral collateral = PLATFORM.collateral(TeeType.SGX);
    private final Policy policy = PLATFORM.policy(codeRule(), "");

    private Appraiser warmed(Keep keep) {
        Appraiser appraiser = new Appraiser(TestProvider.fastest(), keep);
        for (int i = 0; i < 2; i++) {
            assertThat(appraiser.appraise(quote, collateral, policy, AT)).isInstanceOf(Trusted.class);
        }
        return appraiser;
    }

    @ParameterizedTest
    @EnumSource(Keep.class)
    void kept_collateral_expires_with_its_first_piece(Keep keep) {
        Appraiser appraiser = warmed(keep);

        assertThat(appraiser.appraise(quote, collateral, policy, AT.plus(Duration.ofDays(29))))
                .isInstanceOf(Trusted.class);
        assertThat(appraiser.appraise(
                        quote, collateral, policy, AT.plus(Duration.ofDays(29)).plusSeconds(1)))
                .isInstanceOf(Rejected.class);
        assertThat(appraiser.appraise(quote, collateral, policy, AT.minus(Duration.ofDays(2))))
                .isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @EnumSource(Keep.class)
    void a_kept_chain_is_refused_once_a_newer_list_revokes_it(Keep keep) {
        Collateral revoking = PLATFORM.documents().revokingTheLeaf().collateral(TeeType.SGX);

        assertThat(warmed(keep).appraise(quote, revoking, policy, AT)).isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @EnumSource(Keep.class)
    void kept_material_is_judged_by_the_policy_and_levels_of_each_call(Keep keep) {
        Appraiser appraiser = warmed(keep);
        Collateral outdated = PLATFORM.documents().status("OutOfDate").collateral(TeeType.SGX);

        assertThat(appraiser.appraise(quote, outdated, policy, AT)).isInstanceOf(Rejected.class);
        assertThat(appraiser.appraise(quote, collateral, Policy.parse("{\"version\":1}"), AT))
                .isInstanceOf(Rejected.class);
        assertThat(appraiser.appraise(quote, collateral, new TestPlatform().policy(codeRule(), ""), AT))
                .isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @EnumSource(Keep.class)
    void one_changed_byte_finds_nothing_kept(Keep keep) {
        Appraiser appraiser = warmed(keep);
        int signatureEnd = quote.length;

        for (int at = 0; at < signatureEnd; at += 7) {
            byte[] changed = quote.clone();
            changed[at] ^= 1;

            assertThat(new Appraiser(TestProvider.fastest())
                            .appraise(changed, collateral, policy, AT)
                            .getClass())
                    .as("byte " + at)
                    .isEqualTo(
                            appraiser.appraise(changed, collateral, policy, AT).getClass());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Keep.class,
            names = {"COLLATERAL_AND_CHAINS", "PLATFORMS"})
    void what_is_kept_is_bounded(Keep keep) throws Refusal {
        KeptMaterial kept = new KeptMaterial(keep);
        Ecdsa ecdsa = new Ecdsa(TestProvider.fastest());
        for (int i = 0; i < KeptMaterial.MOST_CHAINS + 10; i++) {
            // Text between certificates is passed over, so each of these is another key for the same chain.
            byte[] pem = ("x" + i + "\n" + PLATFORM.chain()).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            kept.chain(ByteView.of(pem), ecdsa);
        }

        assertThat(kept.kept()).isEqualTo(KeptMaterial.MOST_CHAINS);
    }
}
