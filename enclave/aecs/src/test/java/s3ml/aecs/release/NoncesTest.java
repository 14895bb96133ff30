package s3ml.aecs.release;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

final class NoncesTest {
    private Instant now = Instant.parse("2026-11-24T12:00:00Z");
    private final InstantSource clock = () -> now;
    private final Nonces nonces = new Nonces(new SecureRandom(), clock, Duration.ofSeconds(60));

    @Test
    void a_nonce_is_accepted_once() {
        byte[] nonce = nonces.issue();

        assertThatCode(() -> nonces.use(nonce)).doesNotThrowAnyException();
        assertThatThrownBy(() -> nonces.use(nonce)).hasMessageContaining("AECS-201");
        assertThatThrownBy(() -> nonces.check(nonce)).hasMessageContaining("AECS-201");
    }

    @Test
    void a_nonce_is_accepted_until_it_expires() {
        byte[] early = nonces.issue();
        byte[] late = nonces.issue();

        now = now.plusSeconds(60);
        assertThatCode(() -> nonces.use(early)).doesNotThrowAnyException();
        now = now.plusMillis(1);
        assertThatThrownBy(() -> nonces.use(late)).hasMessageContaining("AECS-201");
    }

    @Test
    void a_nonce_with_a_later_expiry_written_into_it_is_refused() {
        byte[] nonce = nonces.issue();
        nonce[5]++;

        assertThatThrownBy(() -> nonces.use(nonce)).hasMessageContaining("AECS-201");
    }

    @Test
    void a_nonce_of_another_replica_is_refused() {
        byte[] foreign = new Nonces(new SecureRandom(), clock, Duration.ofSeconds(60)).issue();

        assertThatThrownBy(() -> nonces.use(foreign)).hasMessageContaining("AECS-201");
    }

    @Test
    void nonces_of_wrong_length_are_refused() {
        assertThatThrownBy(() -> nonces.use(new byte[0])).hasMessageContaining("AECS-201");
        assertThatThrownBy(() -> nonces.use(new byte[33])).hasMessageContaining("AECS-201");
    }
}
