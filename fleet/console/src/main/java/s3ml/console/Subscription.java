package s3ml.console;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Supplier;

/// What one open page has yet to be told. Thread-safe.
///
/// A page that reads slower than the fleet changes does not pile up differences: they give way to one whole picture.
final class Subscription {
    private static final int MOST_WAITING = 4;

    private final Supplier<Optional<Event>> whole;
    private final Deque<Event> waiting = new ArrayDeque<>();
    private boolean closed;

    /// @param name of the event, as the page knows it
    /// @param data one line of JSON
    record Event(String name, String data) {}

    /// @param whole the whole picture as it is now; asked for without a lock of this subscription
    Subscription(Supplier<Optional<Event>> whole) {
        this.whole = whole;
    }

    synchronized void offer(Event event) {
        if (waiting.size() < MOST_WAITING) {
            waiting.add(event);
        } else {
            waiting.clear();
            waiting.add(new Event("", ""));
        }
        notifyAll();
    }

    /// The next event; empty after `patience` without one, or when closed.
    Optional<Event> next(Duration patience) throws InterruptedException {
        Event event;
        synchronized (this) {
            long end = System.nanoTime() + patience.toNanos();
            long left = patience.toMillis();
            while (waiting.isEmpty() && !closed && left > 0) {
                wait(left);
                left = (end - System.nanoTime()) / 1_000_000;
            }
            event = waiting.poll();
        }
        if (event == null) {
            return Optional.empty();
        }
        return event.name().isEmpty() ? whole.get() : Optional.of(event);
    }

    synchronized boolean isClosed() {
        return closed;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
