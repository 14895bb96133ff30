package s3ml.protocol.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import s3ml.attest.Digest;

final class AccessRulesTest {
    private static final String TOKEN = "kT3mW0aXqf0V9u1w0pYhZ0lYk2nBz8yq";
    private static final String HASH =
            Digest.of(TOKEN.getBytes(StandardCharsets.UTF_8)).hex();

    @Test
    void without_rules_anybody_may_infer_and_nobody_may_load_or_unload() {
        Caller anonymous = AccessRules.DEFAULT.anonymous();

        assertThat(anonymous.may(Right.INFER, "any")).isTrue();
        assertThat(anonymous.may(Right.CONTROL, "any")).isFalse();
    }

    @Test
    void with_rules_nothing_is_allowed_that_they_do_not_name() {
        AccessRules rules = AccessRules.parse(
                "{\"callers\":[{\"name\":\"shop\",\"tokenSha256\":\"" + HASH + "\",\"infer\":[\"detector\"]}]}");

        assertThat(rules.anonymous().may(Right.INFER, "detector")).isFalse();
        Caller shop = rules.byToken(TOKEN).orElseThrow();
        assertThat(shop.may(Right.INFER, "detector")).isTrue();
        assertThat(shop.may(Right.INFER, "faces")).isFalse();
        assertThat(shop.may(Right.CONTROL, "detector")).isFalse();
        assertThat(rules.byToken(TOKEN + "x")).isEmpty();
        assertThat(rules.byToken(HASH)).isEmpty();
    }

    @Test
    void rules_of_wrong_form_are_refused() {
        refused("[]");
        refused("{\"caller\":[]}");
        refused("{\"callers\":[{\"tokenSha256\":\"" + HASH + "\"}]}");
        refused("{\"callers\":[{\"name\":\"a\"}]}");
        refused("{\"callers\":[{\"name\":\"a\",\"tokenSha256\":\"abc\"}]}");
        refused("{\"callers\":[{\"name\":\"a\",\"tokenSha256\":\"" + HASH + "\",\"anyCertificate\":true}]}");
        refused("{\"callers\":[{\"name\":\"a\",\"subject\":\"CN=a\"}]}");
        refused("{\"callers\":[{\"name\":\"a\",\"tokenSha256\":\"" + HASH + "\"},{\"name\":\"b\",\"tokenSha256\":\""
                + HASH + "\"}]}");
        refused("{\"clientAuthorities\":[\"no certificate\"]}");
        refused("{\"anonymous\":{\"infer\":\"*\"}}");
    }

    private static void refused(String rules) {
        assertThatThrownBy(() -> AccessRules.parse(rules)).as(rules).hasMessageStartingWith("PRO-161");
    }
}
