package s3ml.lab.paging;

import java.time.Instant;
import java.util.PriorityQueue;

/// Discrete events under a virtual clock. Events of one instant run in the order in which they were planned.
final class VirtualClock {
    /// Where virtual time begins; any fixed instant would do.
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long now;
    private long order;

    private record Event(long at, long order, Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(at, other.at);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    /// Nanoseconds since the start.
    long now() {
        return now;
    }

    double seconds() {
        return now / 1e9;
    }

    Instant instant() {
        return START.plusNanos(now);
    }

    /// Plans an action at a time, at once if that has passed.
    void at(long nanos, Runnable action) {
        events.add(new Event(Math.max(now, nanos), order++, action));
    }

    void after(double seconds, Runnable action) {
        at(now + (long) (seconds * 1e9), action);
    }

    /// Runs all events up to and including the given time.
    void runUntil(long nanos) {
        for (Event next = events.peek(); next != null && next.at() <= nanos; next = events.peek()) {
            events.remove();
            now = next.at();
            next.action().run();
        }
        now = nanos;
    }
}
