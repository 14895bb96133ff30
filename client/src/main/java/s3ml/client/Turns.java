package s3ml.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Which connection a call begins with: each in its turn, those that were lost a moment ago behind the others. When a
/// host dies, half of the ways to a service can lead nowhere for as long as its balancer takes to notice; without this
/// every other call would spend a repetition, and the budget for them would soon be gone. Thread-safe.
final class Turns {
    private static final long FIRST_REST = Duration.ofSeconds(1).toNanos();
    private static final long LONGEST_REST = Duration.ofSeconds(16).toNanos();

    private final List<InferenceTransport> transports;
    private final LongSupplier clock;
    private final Map<InferenceTransport, Rest> resting = new HashMap<>();
    private int next;

    /// @param transports at least one
    /// @param clock nanoseconds, as [System#nanoTime()]
    Turns(List<InferenceTransport> transports, LongSupplier clock) {
        this.transports = List.copyOf(transports);
        this.clock = clock;
    }

    /// How long a connection is not begun with, in nanoseconds.
    private record Rest(long untilNanos, long length) {}

    /// All connections in the order in which the next call tries them.
    synchronized List<InferenceTransport> order() {
        List<InferenceTransport> turned = new ArrayList<>(transports);
        Collections.rotate(turned, Math.floorMod(next++, turned.size()));
        long now = clock.getAsLong();
        turned.sort(Comparator.comparing(transport -> rests(transport, now)));
        return turned;
    }

    private boolean rests(InferenceTransport transport, long now) {
        Rest rest = resting.get(transport);
        return rest != null && rest.untilNanos - now > 0;
    }

    /// Every connection, in no order that means anything.
    List<InferenceTransport> all() {
        return transports;
    }

    /// A call lost this connection. Each further time doubles its rest; several calls that lose it at once count once.
    synchronized void lost(InferenceTransport transport) {
        long now = clock.getAsLong();
        Rest before = resting.get(transport);
        if (rests(transport, now)) {
            return;
        }
        long length = before == null ? FIRST_REST : Math.min(2 * before.length, LONGEST_REST);
        resting.put(transport, new Rest(now + length, length));
    }

    /// This connection brought an answer.
    synchronized void answered(InferenceTransport transport) {
        resting.remove(transport);
    }
}
