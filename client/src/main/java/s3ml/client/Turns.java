package s3ml.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/// Which connection a call begins with: each in its turn, those that were lost a moment ago behind the others. When a
/// host dies, half of the ways to a service can lead nowhere for as long as its balancer takes to notice; without this
/// every other call would spend a repetition, and the budget for them would soon be gone. Thread-safe.
final class Turns {
    private static final Duration FIRST_REST = Duration.ofSeconds(1);
    private static final Duration LONGEST_REST = Duration.ofSeconds(16);

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

    /// How long a connection is not begun with.
    private record Rest(long untilNanos, Duration length) {}

    /// All connections in the order in which the next call tries them.
    synchronized List<InferenceTransport> order() {
        List<InferenceTransport> turned = new ArrayList<>(transports);
        Collections.rotate(turned, Math.floorMod(next++, turned.size()));
        long now = clock.getAsLong();
        List<InferenceTransport> order = new ArrayList<>(turned.size());
        List<InferenceTransport> last = new ArrayList<>();
        for (InferenceTransport transport : turned) {
            Rest rest = resting.get(transport);
            (rest == null || rest.untilNanos - now <= 0 ? order : last).add(transport);
        }
        order.addAll(last);
        return order;
    }

    /// A call lost this connection. Each further time doubles its rest; several calls that lose it at once count once.
    synchronized void lost(InferenceTransport transport) {
        long now = clock.getAsLong();
        Rest before = resting.get(transport);
        if (before != null && before.untilNanos - now > 0) {
            return;
        }
        Duration length = before == null ? FIRST_REST : before.length.multipliedBy(2);
        if (length.compareTo(LONGEST_REST) > 0) {
            length = LONGEST_REST;
        }
        resting.put(transport, new Rest(now + length.toNanos(), length));
    }

    /// This connection brought an answer.
    synchronized void answered(InferenceTransport transport) {
        resting.remove(transport);
    }
}
