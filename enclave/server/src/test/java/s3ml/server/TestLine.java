package s3ml.server;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import s3ml.server.admission.WaitingLine;
import s3ml.server.engine.Outlook;

/// A waiting line before an engine and with a clock that the test moves.
final class TestLine {
    static final Outlook FULL = new Outlook(0, false, 0, 0, Long.MAX_VALUE);
    static final Outlook HOPELESS = new Outlook(0, false, 1, 0, 0);

    private final AtomicLong now = new AtomicLong();
    private final Queue<Runnable> looks = new ConcurrentLinkedQueue<>();
    private volatile Outlook outlook = FULL;
    private final WaitingLine line = new WaitingLine(
            () -> outlook,
            new WaitingLine.Ticks() {
                @Override
                public long nanos() {
                    return now.get();
                }

                @Override
                public void later(Runnable look) {
                    looks.add(look);
                }
            },
            Duration.ofSeconds(1));

    WaitingLine line() {
        return line;
    }

    /// What requests find from now on.
    void find(Outlook found) {
        outlook = found;
    }

    /// The same, and the line is not told.
    void findRoom(int places) {
        outlook = new Outlook(places, false, 0, 0, Long.MAX_VALUE);
    }

    void makeRoom(int places) {
        findRoom(places);
        line.room();
    }

    void pass(Duration time) {
        now.addAndGet(time.toNanos());
        for (int due = looks.size(); due > 0; due--) {
            looks.remove().run();
        }
    }

    /// Lets time pass of which the line hears with the next request.
    void sleep(Duration time) {
        now.addAndGet(time.toNanos());
    }

    /// Waits until so many requests are held.
    void awaitHeld(int requests) throws InterruptedException {
        for (int i = 0; line.held() != requests; i++) {
            if (i == 6000) {
                throw new AssertionError(line.held() + " requests are held, not " + requests);
            }
            Thread.sleep(5);
        }
    }
}
