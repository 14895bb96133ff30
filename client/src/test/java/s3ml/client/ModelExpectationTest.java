package s3ml.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import s3ml.attest.Digest;
import s3ml.protocol.ServiceTrust.ModelTrust;

final class ModelExpectationTest {
    private static final Digest MODEL = Digest.of(new byte[] {1});
    private static final Digest OTHER = Digest.of(new byte[] {2});
    private static final Digest POLICY = Digest.of(new byte[] {3});
    private static final List<ModelTrust> MODELS =
            List.of(new ModelTrust("m", "1", OTHER, MODEL), new ModelTrust("m", "2", OTHER, OTHER));

    @Test
    void a_service_with_the_demanded_model_version_and_policy_differs_in_nothing() {
        ModelExpectation expectation =
                ModelExpectation.of("m").version("1").modelDigest(MODEL).policyDigest(POLICY);

        assertThat(expectation.differences(MODELS, POLICY)).isEmpty();
    }

    @Test
    void another_model_digest_policy_or_name_is_named_with_both_values() {
        assertThat(ModelExpectation.of("m").version("1").modelDigest(OTHER).differences(MODELS, POLICY))
                .singleElement()
                .asString()
                .contains(MODEL.hex(), OTHER.hex());
        assertThat(ModelExpectation.of("m").policyDigest(OTHER).differences(MODELS, POLICY))
                .singleElement()
                .asString()
                .contains(POLICY.hex(), OTHER.hex());
        assertThat(ModelExpectation.of("n").differences(MODELS, POLICY)).hasSize(1);
        assertThat(ModelExpectation.of("m").version("3").differences(MODELS, POLICY))
                .hasSize(1);
    }

    @Test
    void without_a_version_every_version_must_be_the_demanded_model() {
        assertThat(ModelExpectation.of("m").modelDigest(MODEL).differences(MODELS, POLICY))
                .singleElement()
                .asString()
                .contains("version \"2\"");
    }
}
