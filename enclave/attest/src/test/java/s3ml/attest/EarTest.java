package s3ml.attest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static s3ml.attest.TestPlatform.AT;

import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EarTest {
    private static final TestPlatform PLATFORM = new TestPlatform();

    private final KeyPair keys = TestPki.keys();
    private final EarIssuer issuer = new EarIssuer(keys.getPrivate(), "verifier", "1", Duration.ofMinutes(10));
    private final Policy policy = PLATFORM.policy(TestPlatform.codeRule(), "");

    private String token(Policy by) {
        Verdict verdict = new Appraiser(null)
                .appraise(PLATFORM.sgxQuote(ReportData.of(new byte[64])), PLATFORM.collateral(TeeType.SGX), by, AT);
        return issuer.issue(verdict, by, "nonce", AT);
    }

    @Test
    void a_trusted_verdict_is_affirmed_under_its_policy() {
        EarToken token = EarToken.verify(token(policy), List.of(keys.getPublic()), AT);

        assertThat(token.affirms()).isTrue();
        assertThat(token.nonce()).contains("nonce");
        assertThat(token.appraisals().values())
                .singleElement()
                .satisfies(cpu -> assertThat(cpu.policyId())
                        .contains("sha256:" + policy.digest().hex()));
    }

    @Test
    void a_rejected_verdict_is_not_affirmed() {
        Policy other = PLATFORM.policy("{\"mrEnclave\":\"" + "11".repeat(32) + "\"}", "");

        EarToken token = EarToken.verify(token(other), List.of(keys.getPublic()), AT);

        assertThat(token.affirms()).isFalse();
        assertThat(token.appraisals().values())
                .singleElement()
                .satisfies(cpu -> assertThat(cpu.vector()).containsEntry("executables", 33L));
    }

    @Test
    void a_token_of_another_key_is_refused() {
        assertThatThrownBy(() ->
                        EarToken.verify(token(policy), List.of(TestPki.keys().getPublic()), AT))
                .hasMessageContaining("ATT-602");
    }

    @Test
    void a_token_is_refused_after_its_expiry_and_before_its_issue() {
        List<java.security.PublicKey> trusted = List.of(keys.getPublic());

        assertThatThrownBy(() -> EarToken.verify(token(policy), trusted, AT.plus(Duration.ofMinutes(12))))
                .hasMessageContaining("ATT-603");
        assertThatThrownBy(() -> EarToken.verify(token(policy), trusted, AT.minus(Duration.ofMinutes(2))))
                .hasMessageContaining("ATT-603");
    }

    @Test
    void no_other_algorithm_and_no_key_in_the_header_counts() {
        String[] parts = token(policy).split("\\.", -1);
        for (String header :
                List.of("{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}", "{\"alg\":\"ES256\",\"crit\":[\"x\"]}")) {
            String forged =
                    Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(StandardCharsets.US_ASCII))
                            + "." + parts[1] + "." + parts[2];

            assertThatThrownBy(() -> EarToken.verify(forged, List.of(keys.getPublic()), AT))
                    .hasMessageContaining("ATT-601");
        }
    }

    @Test
    void one_changed_character_is_refused() {
        String token = token(policy);
        for (int i = 0; i < token.length(); i += 11) {
            char other = token.charAt(i) == 'A' ? 'B' : 'A';
            String changed = token.substring(0, i) + other + token.substring(i + 1);

            assertThatThrownBy(() -> EarToken.verify(changed, List.of(keys.getPublic()), AT))
                    .as("character " + i)
                    .isInstanceOf(S3mlException.class);
        }
    }
}
