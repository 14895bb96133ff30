package s3ml.protocol;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/// Admits each sealed request once, and only for a while after it was sent. Safe for use by several threads.
///
/// It remembers encapsulated keys in two generations, each as long as requests can stay acceptable (twice the window,
/// as clocks may differ in both directions), so one is forgotten only after its time of sending alone refuses it. When
/// more requests come than it can remember, it refuses the rest rather than forget.
///
/// Of a key it keeps half: an X25519 key for which somebody can seal, and whose first 128 bits are another one's, takes
/// as long to find as a private key.
public final class ReplayWindow {
    private final Duration window;
    private final int capacity;
    private final InstantSource clock;
    private final RandomGenerator random;
    private Fingerprints current;
    private Fingerprints previous;
    private Instant generationStart;

    /// @param window how far the time of sending may lie from now, before or after, > 0
    /// @param capacity requests remembered in each of two generations; 24 to 48 bytes each
    /// @param random secret, against keys that are chosen to make looking them up slow
    public ReplayWindow(Duration window, int capacity, InstantSource clock, RandomGenerator random) {
        if (!window.isPositive() || capacity < 1) {
            throw new IllegalArgumentException("window and capacity must be positive");
        }
        this.window = window;
        this.capacity = capacity;
        this.clock = clock;
        this.random = random;
        this.current = new Fingerprints(random);
        this.previous = new Fingerprints(random);
        this.generationStart = clock.instant();
    }

    /// What became of a request.
    public enum Admission {
        ADMITTED,
        /// Sent too long ago, or in the future: the clocks differ, or it was kept and sent again.
        OUT_OF_WINDOW,
        /// Seen before.
        REPLAYED,
        /// More requests than can be remembered.
        FULL
    }

    /// Judges a request, and remembers it if it is admitted.
    ///
    /// @param encapsulatedKey of an opened request, so that nobody fills the memory with what does not open; 32 bytes
    public synchronized Admission admit(ByteString encapsulatedKey, Instant sentAt) {
        Instant now = clock.instant();
        if (Duration.between(sentAt, now).abs().compareTo(window) > 0) {
            return Admission.OUT_OF_WINDOW;
        }
        turn(now);
        ByteBuffer key = encapsulatedKey.asReadOnlyByteBuffer();
        long high = key.getLong();
        long low = key.getLong();
        if (current.contains(high, low) || previous.contains(high, low)) {
            return Admission.REPLAYED;
        }
        if (current.size() >= capacity) {
            return Admission.FULL;
        }
        current.add(high, low);
        return Admission.ADMITTED;
    }

    private void turn(Instant now) {
        Duration generation = window.multipliedBy(2);
        Duration age = Duration.between(generationStart, now);
        if (age.compareTo(generation) <= 0) {
            return;
        }
        // After two generations without requests, nothing that is remembered can still be in the window.
        previous = age.compareTo(generation.multipliedBy(2)) > 0 ? new Fingerprints(random) : current;
        current = new Fingerprints(random);
        generationStart = now;
    }
}
