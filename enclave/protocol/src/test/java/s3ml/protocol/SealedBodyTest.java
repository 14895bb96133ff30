package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;

final class SealedBodyTest {
    private static final SealedBody.Target TARGET = new SealedBody.Target("POST", "/v2/models/m/infer", "m");
    private static final SealedBody.Content CONTENT =
            new SealedBody.Content(3, ByteString.copyFromUtf8("{ }tensor bytes"));
    private static final SealedBody.Content ANSWER =
            new SealedBody.Content(SealedBody.JSON_ONLY, ByteString.copyFromUtf8("{\"outputs\":[]}"));
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00.123Z");

    private final SecureRandom random = new SecureRandom();
    private final Lease.HpkeServiceKey key = key(7);

    @Test
    void a_request_opens_in_the_enclave_and_its_answer_at_the_client() {
        try (SealedBody.SealedRequest sent = SealedBody.seal(key.config(), TARGET, CONTENT, NOW);
                SealedBody.OpenedRequest received = SealedBody.open(List.of(key(1), key), TARGET, sent.bytes())) {
            ByteString answer = received.seal(200, ANSWER, random);

            assertThat(received.content()).isEqualTo(CONTENT);
            assertThat(received.sentAt()).isEqualTo(NOW);
            assertThat(sent.open(200, answer)).isEqualTo(ANSWER);
        }
    }

    @Test
    void neither_request_nor_answer_shows_the_content() {
        try (SealedBody.SealedRequest sent = SealedBody.seal(key.config(), TARGET, CONTENT, NOW);
                SealedBody.OpenedRequest received = SealedBody.open(List.of(key), TARGET, sent.bytes())) {
            assertThat(sent.bytes().toString(java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain("tensor");
            assertThat(received.seal(200, ANSWER, random).toString(java.nio.charset.StandardCharsets.ISO_8859_1))
                    .doesNotContain("outputs");
        }
    }

    @Test
    void a_request_turned_to_another_method_path_or_model_does_not_open() {
        ByteString sealed = SealedBody.seal(key.config(), TARGET, CONTENT, NOW).bytes();

        for (SealedBody.Target other : List.of(
                new SealedBody.Target("PUT", TARGET.path(), "m"),
                new SealedBody.Target("POST", "/v2/models/n/infer", "m"),
                new SealedBody.Target("POST", TARGET.path(), "n"),
                new SealedBody.Target("POST/", "v2/models/m/infer", "m"))) {
            assertCode("PRO-150", () -> SealedBody.open(List.of(key), other, sealed));
        }
    }

    @Test
    void every_flipped_bit_of_a_request_is_refused() {
        ByteString sealed = SealedBody.seal(key.config(), TARGET, CONTENT, NOW).bytes();

        for (int bit = 0; bit < sealed.size() * 8; bit++) {
            byte[] changed = sealed.toByteArray();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));

            assertThatThrownBy(() -> SealedBody.open(List.of(key), TARGET, ByteString.copyFrom(changed)))
                    .as("bit %d", bit)
                    .isInstanceOf(S3mlException.class)
                    .hasMessageMatching("(?s)PRO-15[01].*");
        }
    }

    @Test
    void every_truncation_of_request_and_answer_is_refused() {
        try (SealedBody.SealedRequest sent = SealedBody.seal(key.config(), TARGET, CONTENT, NOW);
                SealedBody.OpenedRequest received = SealedBody.open(List.of(key), TARGET, sent.bytes())) {
            ByteString answer = received.seal(200, ANSWER, random);

            for (int length = 0; length < sent.bytes().size(); length++) {
                ByteString shorter = sent.bytes().substring(0, length);
                assertCode("PRO-150", () -> SealedBody.open(List.of(key), TARGET, shorter));
            }
            for (int length = 0; length < answer.size(); length++) {
                ByteString shorter = answer.substring(0, length);
                assertCode("PRO-150", () -> sent.open(200, shorter));
            }
        }
    }

    @Test
    void a_changed_answer_another_status_or_an_answer_to_another_request_is_refused() {
        try (SealedBody.SealedRequest sent = SealedBody.seal(key.config(), TARGET, CONTENT, NOW);
                SealedBody.SealedRequest other = SealedBody.seal(key.config(), TARGET, CONTENT, NOW);
                SealedBody.OpenedRequest received = SealedBody.open(List.of(key), TARGET, sent.bytes())) {
            ByteString answer = received.seal(200, ANSWER, random);
            byte[] changed = answer.toByteArray();
            changed[40] ^= 1;

            assertCode("PRO-150", () -> sent.open(500, answer));
            assertCode("PRO-150", () -> sent.open(200, ByteString.copyFrom(changed)));
            assertCode("PRO-150", () -> other.open(200, answer));
        }
    }

    @Test
    void a_request_to_a_key_that_is_not_held_is_told_apart() {
        ByteString sealed = SealedBody.seal(key.config(), TARGET, CONTENT, NOW).bytes();

        assertCode("PRO-151", () -> SealedBody.open(List.of(key(8)), TARGET, sealed));
        assertCode("PRO-150", () -> SealedBody.open(List.of(key(7)), TARGET, sealed));
    }

    @Test
    void random_bytes_never_open_and_never_crash() {
        long seed = 20_261_124;
        SplittableRandom source = new SplittableRandom(seed);
        ByteString sealed = SealedBody.seal(key.config(), TARGET, CONTENT, NOW).bytes();

        for (int run = 0; run < 3_000; run++) {
            byte[] bytes = new byte[source.nextInt(200)];
            source.nextBytes(bytes);
            if (source.nextBoolean()) {
                sealed.substring(0, Math.min(bytes.length, 7)).copyTo(bytes, 0);
            }
            assertThatThrownBy(() -> SealedBody.open(List.of(key), TARGET, ByteString.copyFrom(bytes)))
                    .as("seed %d run %d", seed, run)
                    .isInstanceOf(S3mlException.class);
        }
    }

    private static Lease.HpkeServiceKey key(int id) {
        HpkeKeyPair pair = Hpke.generate();
        return new Lease.HpkeServiceKey(new HpkeKeyConfig(id, pair.publicKey()), pair.privateKey());
    }

    private static void assertCode(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(S3mlException.class).hasMessageStartingWith(code);
    }
}
