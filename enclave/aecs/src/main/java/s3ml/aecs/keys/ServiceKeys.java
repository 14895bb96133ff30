package s3ml.aecs.keys;

import com.google.protobuf.ByteString;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyConfig;
import s3ml.protocol.HpkeKeyPair;
import s3ml.wire.aecs.HpkeKey;
import s3ml.wire.aecs.TicketKey;
import s3ml.wire.aecs.state.HpkeKeyRecord;
import s3ml.wire.aecs.state.ServiceRecord;
import s3ml.wire.aecs.state.TicketKeyRecord;

/// The keys that all replicas of a service share, and their rotation.
///
/// A new key is handed out one lease ahead of its use: it decrypts at once, and encrypts (or is announced) only when
/// every replica has renewed and so has it. The old one goes on decrypting for as long as what it encrypted may be
/// shown.
public final class ServiceKeys {
    private static final int TICKET_NAME_BYTES = 16;
    private static final int TICKET_KEY_BYTES = 16;
    /// The current one, the next one, and two past ones: tickets live no longer than two periods.
    private static final int KEPT_TICKET_KEYS = 4;
    /// Descriptions may be cached by clients, so an announced key opens for one period more.
    private static final int KEPT_HPKE_KEYS = 3;

    private static final int KEY_IDS = 256;
    /// How much clocks of replicas may differ. What is dated further ahead was dated by a clock that was wrong.
    private static final Duration SKEW = Duration.ofMinutes(15);

    private final SecureRandom random;
    private final Duration lease;
    private final Duration ticketPeriod;
    private final Duration hpkePeriod;

    /// @param lease the longest lease: how far ahead of its use a key is handed out
    public ServiceKeys(SecureRandom random, Duration lease, Duration ticketPeriod, Duration hpkePeriod) {
        this.random = random;
        this.lease = lease;
        this.ticketPeriod = ticketPeriod;
        this.hpkePeriod = hpkePeriod;
    }

    /// First keys for a new service, in use at once.
    public ServiceRecord begin(ServiceRecord service, long now) {
        ServiceRecord.Builder builder = service.toBuilder();
        builder.addTicketKeys(newTicketKey(now));
        addHpkeKey(builder, now);
        return builder.build();
    }

    /// The record with keys that are due added; empty if nothing is due.
    ///
    /// A key that a clock far ahead dated does not count: else rotation would stand still until its date. It goes on
    /// decrypting until newer keys displace it.
    public Optional<ServiceRecord> rotateWhenDue(ServiceRecord service, long now) {
        long latest = now + lease.plus(SKEW).toMillis();
        boolean ticketDue = newest(service.getTicketKeysList().stream()
                                .map(TicketKeyRecord::getActiveFromUnixMillis)
                                .filter(date -> date <= latest)
                                .toList())
                        + ticketPeriod.toMillis()
                        - lease.toMillis()
                <= now;
        boolean hpkeDue = newest(service.getHpkeKeysList().stream()
                                .map(HpkeKeyRecord::getActiveFromUnixMillis)
                                .filter(date -> date <= latest)
                                .toList())
                        + hpkePeriod.toMillis()
                        - lease.toMillis()
                <= now;
        if (!ticketDue && !hpkeDue) {
            return Optional.empty();
        }
        return Optional.of(rotate(service, now, ticketDue, hpkeDue));
    }

    /// The record with new keys, in use one lease from now.
    public ServiceRecord rotate(ServiceRecord service, long now, boolean ticket, boolean hpke) {
        ServiceRecord.Builder builder = service.toBuilder();
        long active = now + lease.toMillis();
        if (ticket) {
            builder.addTicketKeys(newTicketKey(active));
            while (builder.getTicketKeysCount() > KEPT_TICKET_KEYS) {
                builder.removeTicketKeys(0);
            }
        }
        if (hpke) {
            addHpkeKey(builder, active);
            while (builder.getHpkeKeysCount() > KEPT_HPKE_KEYS) {
                builder.removeHpkeKeys(0);
            }
        }
        return builder.build();
    }

    /// Ticket keys for a lease: the one that encrypts now first.
    public static List<TicketKey> ticketKeys(ServiceRecord service, long now) {
        List<TicketKeyRecord> keys = new ArrayList<>(service.getTicketKeysList());
        keys.sort(activeFirst(TicketKeyRecord::getActiveFromUnixMillis, now));
        return keys.stream()
                .map(key -> TicketKey.newBuilder()
                        .setName(key.getName())
                        .setHmacKey(key.getHmacKey())
                        .setAesKey(key.getAesKey())
                        .build())
                .toList();
    }

    /// HPKE keys for a lease: the one that is announced now first.
    public static List<HpkeKey> hpkeKeys(ServiceRecord service, long now) {
        return sortedHpke(service, now).stream()
                .map(key -> HpkeKey.newBuilder()
                        .setKeyId(key.getKeyId())
                        .setPrivateKey(key.getPrivateKey())
                        .setKeyConfig(ByteString.copyFrom(config(key)))
                        .build())
                .toList();
    }

    /// The announced key configuration (RFC 9458).
    public static ByteString announced(ServiceRecord service, long now) {
        return ByteString.copyFrom(config(sortedHpke(service, now).getFirst()));
    }

    private static byte[] config(HpkeKeyRecord key) {
        return new HpkeKeyConfig(key.getKeyId(), key.getPublicKey()).encode();
    }

    private static List<HpkeKeyRecord> sortedHpke(ServiceRecord service, long now) {
        List<HpkeKeyRecord> keys = new ArrayList<>(service.getHpkeKeysList());
        keys.sort(activeFirst(HpkeKeyRecord::getActiveFromUnixMillis, now));
        return keys;
    }

    /// The newest of those that are active first; then older ones; those of the future last.
    private static <T> Comparator<T> activeFirst(java.util.function.ToLongFunction<T> activeFrom, long now) {
        return Comparator.comparing((T key) -> activeFrom.applyAsLong(key) > now)
                .thenComparing(Comparator.comparingLong(activeFrom).reversed());
    }

    private static long newest(List<Long> activeFrom) {
        return activeFrom.stream().mapToLong(Long::longValue).max().orElse(0);
    }

    private TicketKeyRecord newTicketKey(long activeFrom) {
        return TicketKeyRecord.newBuilder()
                .setName(random(TICKET_NAME_BYTES))
                .setHmacKey(random(TICKET_KEY_BYTES))
                .setAesKey(random(TICKET_KEY_BYTES))
                .setActiveFromUnixMillis(activeFrom)
                .build();
    }

    private void addHpkeKey(ServiceRecord.Builder service, long activeFrom) {
        int id = service.getNextHpkeKeyId();
        try (HpkeKeyPair pair = Hpke.generate()) {
            service.addHpkeKeys(HpkeKeyRecord.newBuilder()
                    .setKeyId(id)
                    .setPublicKey(pair.publicKey())
                    .setPrivateKey(pair.privateKey().expose(ByteString::copyFrom))
                    .setActiveFromUnixMillis(activeFrom));
        }
        service.setNextHpkeKeyId((id + 1) % KEY_IDS);
    }

    private ByteString random(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteString.copyFrom(bytes);
    }
}
