package s3ml.aecs.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import s3ml.wire.aecs.state.ServiceRecord;

final class ServiceKeysTest {
    private static final long START = 1_800_000_000_000L;
    private static final Duration LEASE = Duration.ofMinutes(10);

    private final ServiceKeys keys =
            new ServiceKeys(new SecureRandom(), LEASE, Duration.ofHours(1), Duration.ofHours(2));
    private final ServiceRecord service = keys.begin(ServiceRecord.getDefaultInstance(), START);

    private static ByteString encrypting(ServiceRecord service, long now) {
        return ServiceKeys.ticketKeys(service, now).getFirst().getName();
    }

    @Test
    void nothing_is_rotated_before_it_is_due() {
        assertThat(keys.rotateWhenDue(service, START + Duration.ofMinutes(49).toMillis()))
                .isEmpty();
    }

    @Test
    void a_new_ticket_key_decrypts_one_lease_before_it_encrypts() {
        long due = START + Duration.ofMinutes(50).toMillis();

        ServiceRecord rotated = keys.rotateWhenDue(service, due).orElseThrow();

        assertThat(ServiceKeys.ticketKeys(rotated, due)).hasSize(2);
        assertThat(encrypting(rotated, due)).isEqualTo(encrypting(service, due));
        assertThat(encrypting(rotated, due + LEASE.toMillis())).isNotEqualTo(encrypting(service, due));
        assertThat(ServiceKeys.ticketKeys(rotated, due + LEASE.toMillis()).stream()
                        .map(key -> key.getName()))
                .contains(encrypting(service, due));
    }

    @Test
    void old_ticket_keys_are_forgotten() {
        ServiceRecord rotated = service;
        for (int i = 0; i < 10; i++) {
            rotated = keys.rotate(rotated, START + i, true, true);
        }

        assertThat(rotated.getTicketKeysCount()).isEqualTo(4);
        assertThat(rotated.getHpkeKeysCount()).isEqualTo(3);
    }

    @Test
    void an_announced_hpke_key_is_one_that_every_replica_has() {
        ServiceRecord rotated = keys.rotate(service, START, false, true);

        assertThat(ServiceKeys.announced(rotated, START)).isEqualTo(ServiceKeys.announced(service, START));
        assertThat(ServiceKeys.announced(rotated, START + LEASE.toMillis()))
                .isNotEqualTo(ServiceKeys.announced(service, START));
        assertThat(ServiceKeys.hpkeKeys(rotated, START)).hasSize(2);
    }
}
