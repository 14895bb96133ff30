package s3ml.aecs.release;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import s3ml.aecs.Refusals;
import s3ml.aecs.registry.Limits;
import s3ml.aecs.registry.Registry;
import s3ml.aecs.state.StateChange;

/// Serials of leases, and the sweeping of expired ones.
///
/// A serial is 6 bytes of the expiry in Unix milliseconds and 10 random bytes, in hexadecimal: records sorted by serial
/// are sorted by expiry, and the serial fits an X.509 certificate.
final class Leases {
    private static final int TIME_BYTES = 6;
    private static final int RANDOM_BYTES = 10;
    private static final int SERIAL_CHARS = 2 * (TIME_BYTES + RANDOM_BYTES);
    /// Deleted along with each new lease, so that expired ones never pile up.
    private static final int SWEPT_AT_ONCE = 4;
    /// Leases whose evidence is kept, so that a policy's dry run can appraise it anew: some 5 KB each in enclave
    /// memory.
    private static final int KEPT_EVIDENCE = 512;

    private Leases() {}

    static String serial(long expires, SecureRandom random) {
        byte[] unique = new byte[RANDOM_BYTES];
        random.nextBytes(unique);
        byte[] time = ByteBuffer.allocate(Long.BYTES).putLong(expires).array();
        HexFormat hex = HexFormat.of();
        return hex.formatHex(Arrays.copyOfRange(time, Long.BYTES - TIME_BYTES, Long.BYTES)) + hex.formatHex(unique);
    }

    static boolean isSerial(String text) {
        return text.length() == SERIAL_CHARS && text.chars().allMatch(HexFormat::isHexDigit);
    }

    static long expiry(String serial) {
        return HexFormat.fromHexDigitsToLong(serial.substring(0, 2 * TIME_BYTES));
    }

    /// Deletes a few expired leases, and refuses (`AECS-221`) when there are too many live ones.
    static void sweep(StateChange change, String service, long now) {
        for (String serial : Registry.firstLeases(change, service, SWEPT_AT_ONCE)) {
            if (expiry(serial) < now) {
                Registry.deleteLease(change, service, serial);
            }
        }
        if (Registry.leaseCount(change, service) >= Limits.LEASES_OF_SERVICE) {
            throw Refusals.leaseLimit(service, Limits.LEASES_OF_SERVICE);
        }
    }

    /// Whether one more lease may keep its evidence.
    static boolean room(StateChange change, String service) {
        return Registry.leaseCount(change, service) < KEPT_EVIDENCE;
    }
}
