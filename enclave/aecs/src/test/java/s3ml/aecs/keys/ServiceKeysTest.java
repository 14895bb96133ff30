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
    void keys_that_a_clock_far_ahead_dated_do_not_hold_up_rotation() {
        long ahead = START + Duration.ofDays(90).toMillis();
        ServiceRecord misdated = keys.rotateWhenDue(service, ahead).orElseThrow();
        long due = START + Duration.ofHours(2).toMillis();

        ServiceRecord rotated = keys.rotateWhenDue(misdated, due).orElseThrow();
        long active = due + LEASE.toMillis();

        assertThat(encrypting(misdated, due)).isEqualTo(encrypting(service, START));
        assertThat(encrypting(rotated, active)).isNotIn(encrypting(service, START), encrypting(misdated, ahead * 2));
        assertThat(ServiceKeys.announced(rotated, active)).isNotEqualTo(ServiceKeys.announced(misdated, due));
        assertThat(keys.rotateWhenDue(rotated, due)).isEmpty();
    }

    @Test
    void a_service_that_was_made_under_a_clock_far_ahead_gets_keys_of_the_right_date() {
        ServiceRecord early = keys.begin(
                ServiceRecord.getDefaultInstance(), START + Duration.ofDays(90).toMillis());

        ServiceRecord rotated = keys.rotateWhenDue(early, START).orElseThrow();

        assertThat(encrypting(rotated, START)).isEqualTo(encrypting(early, START));
        assertThat(encrypting(rotated, START + LEASE.toMillis())).isNotEqualTo(encrypting(early, START));
    }

    @Test
    void a_replica_whose_clock_is_minutes_ahead_does_not_make_the_others_rotate_again() {
        long due = START + Duration.ofMinutes(50).toMillis();
        ServiceRecord rotated = keys.rotateWhenDue(
                        service, due + Duration.ofMinutes(10).toMillis())
                .orElseThrow();

        assertThat(keys.rotateWhenDue(rotated, due)).isEmpty();
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
