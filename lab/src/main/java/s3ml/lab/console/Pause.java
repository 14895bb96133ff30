package s3ml.lab.console;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/// Waiting, for real time: a browser has no other clock.
final class Pause {
    private Pause() {}

    static void millis(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", ended);
        }
    }

    /// Until it is so.
    ///
    /// @param what told when it does not become so
    static void until(String what, Duration patience, BooleanSupplier so) {
        long end = System.nanoTime() + patience.toNanos();
        while (!so.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("did not come true within " + patience.toSeconds() + " s: " + what);
            }
            millis(20);
        }
    }
}
