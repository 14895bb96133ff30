package s3ml.server.admission;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import s3ml.server.engine.Outlook;
import s3ml.server.engine.RequestRefused;

/// Lets bodies come only as far as there will be room for them, and holds a few requests more, which take turns by
/// connection.
///
/// Bodies that are on their way and requests in the engine's queue share the places that the queue has. Nobody may have
/// more of them, or of the line, than is left: however much one connection asks for, another one finds as much as that
/// one has, divided by how many they are (the dynamic thresholds of Choudhury and Hahne, 1998). Who has a place and
/// sends nothing loses it soon, and comes after all others from then on until a body of his is there.
///
/// Thread-safe. It has no thread: time passes when [Ticks] says so, and only while a request is held.
public final class WaitingLine {
    /// Held requests cost a stream each, whoever sent them.
    private static final int MOST_HELD = 256;

    /// Of the line where runs are long: others than the one that fills it must find a place.
    private static final int LEAST_HELD = 4;

    /// Bodies that come at once are those of the runs of this time, so that a core is not kept from running by reading
    /// many, of which each is late; a round trip and a body on a slow line fit in.
    private static final long READ_AHEAD = Duration.ofMillis(250).toNanos();

    private static final int LEAST_READ = 4;

    /// Between two looks at who has waited too long.
    public static final Duration TICK = Duration.ofMillis(50);

    /// Time for a body, between the two as long as the runs take of those that come at once: what is slower than that
    /// takes no turn from others.
    private static final long SHORTEST_ARRIVAL = Duration.ofMillis(200).toNanos();

    private static final long LONGEST_ARRIVAL = Duration.ofSeconds(1).toNanos();

    /// How long connections are to send little at once after a request found no room, or a longer wait than a round
    /// trip takes, which hides the one that asking for the body costs. Rarely enough to change it back and forth.
    private static final long PRESSED = Duration.ofSeconds(10).toNanos();

    private final Supplier<Outlook> engine;
    private final Ticks ticks;
    private final long longestHold;

    private final Set<Place> arriving = new LinkedHashSet<>();

    /// Connections with held requests.
    private final Deque<Party> turns = new ArrayDeque<>();

    private boolean ticking;
    private int held;
    private boolean pressed;
    private long pressedUntil;

    /// The clock of a line.
    public interface Ticks {
        /// As [System#nanoTime()].
        long nanos();

        /// Runs it once after [#TICK], on any thread.
        void later(Runnable look);
    }

    /// Told what became of a request that was held; at most one of the two, once, on any thread.
    public interface Caller {
        /// Its body may come.
        void admitted();

        /// It has waited for too long.
        void refused(RequestRefused why);
    }

    /// @param engine what a request would find there now
    /// @param longestHold after which a held request is refused
    public WaitingLine(Supplier<Outlook> engine, Ticks ticks, Duration longestHold) {
        this.engine = engine;
        this.ticks = ticks;
        this.longestHold = longestHold.toNanos();
    }

    /// Who shares with the others: a connection.
    public final class Party {
        private final Deque<Place> waiting = new ArrayDeque<>();
        private int coming;
        private boolean slow;

        private Party() {}

        /// Asks for a place.
        ///
        /// @param timeNanos for which the caller will wait for its answer
        /// @param caller told later, if the place [waits][Place#waits]
        /// @throws RequestRefused `SRV-231` if it need not wait
        public Place ask(long timeNanos, Caller caller) {
            return enter(new Place(this, caller), timeNanos);
        }
    }

    private enum State {
        HELD,
        COMING,
        /// The body did not come in time; it still may.
        LAPSED,
        GONE
    }

    /// Of one request. Thread-safe.
    public final class Place {
        private final Party party;
        private final Caller caller;
        private long since;
        private State state = State.COMING;
        private boolean waits;

        private Place(Party party, Caller caller) {
            this.party = party;
            this.caller = caller;
        }

        /// Whether the body may not come before the caller is told; never changes.
        public boolean waits() {
            return waits;
        }

        /// The body is there, and waits in the engine's queue.
        public void arrived() {
            leave(this, true);
        }

        /// The request is over, or will never be. Does nothing after [#arrived], or a second time.
        public void givenUp() {
            leave(this, false);
        }
    }

    /// Another connection.
    public Party party() {
        return new Party();
    }

    /// Whether requests had to wait or were refused lately: bytes that nobody asked for should not come, and would fill
    /// the memory for buffers.
    public synchronized boolean isPressed() {
        if (pressed && held == 0 && pressedUntil - ticks.nanos() < 0) {
            pressed = false;
        }
        return pressed;
    }

    /// Requests that are held now.
    public synchronized int held() {
        return held;
    }

    /// There may be room where there was none.
    public void room() {
        List<Runnable> told;
        synchronized (this) {
            if (held == 0) {
                return;
            }
            told = takeTurns(ticks.nanos(), engine.get());
        }
        told.forEach(Runnable::run);
    }

    private synchronized Place enter(Place place, long timeNanos) {
        Party party = place.party;
        long now = ticks.nanos();
        Outlook outlook = engine.get();
        place.since = now;
        boolean lacking = outlook.room() <= arriving.size() + held;
        if (lacking || waitNanos(outlook) > READ_AHEAD) {
            pressed = true;
            pressedUntil = now + PRESSED;
        }
        boolean first = party.waiting.isEmpty() && (!party.slow || held == 0);
        if (first && party.coming < free(outlook)) {
            admit(place, now);
            return place;
        }
        // Otherwise it waits for those that are being read now, and for no run.
        if (lacking) {
            demandShortWait(party, outlook, timeNanos);
        }
        place.state = State.HELD;
        place.waits = true;
        party.waiting.add(place);
        if (party.waiting.size() == 1) {
            turns.add(party);
        }
        held++;
        if (!ticking) {
            ticking = true;
            ticks.later(this::look);
        }
        return place;
    }

    private void demandShortWait(Party party, Outlook outlook, long timeNanos) {
        // Of those that will be admitted in half of the time: the order among them may change.
        long each = Math.max(1, outlook.eachNanos());
        long line = Math.clamp(longestHold / 2 / each + outlook.room(), LEAST_HELD, MOST_HELD);
        long wait = waitNanos(outlook);
        if (party.waiting.size() >= line - held) {
            throw overloaded("too many requests are waiting", wait);
        }
        if (wait > outlook.longestWaitNanos()) {
            throw overloaded("the wait would be longer than models allow", wait);
        }
        if (wait > timeNanos) {
            throw overloaded("too many requests are waiting for the time you allow", wait);
        }
    }

    /// Until one that is held now will be answered.
    private long waitNanos(Outlook outlook) {
        return outlook.waitNanos() + (arriving.size() + held) * outlook.eachNanos();
    }

    private static RequestRefused overloaded(String why, long waitNanos) {
        return RequestRefused.overloaded(why, Duration.ofNanos(waitNanos));
    }

    /// Places that nobody has. An idle engine has one more: who only announced bodies must not keep it so.
    private long free(Outlook outlook) {
        long left = Math.min(outlook.room(), readAhead(outlook)) - arriving.size();
        return outlook.idle() ? Math.max(1, left) : left;
    }

    private static long readAhead(Outlook outlook) {
        return outlook.eachNanos() == 0 ? Integer.MAX_VALUE : Math.max(LEAST_READ, READ_AHEAD / outlook.eachNanos());
    }

    private void admit(Place place, long now) {
        place.state = State.COMING;
        place.since = now;
        place.party.coming++;
        arriving.add(place);
    }

    /// Admits as many as there is room for, and returns what is to be said to them without the lock.
    private List<Runnable> takeTurns(long now, Outlook outlook) {
        List<Runnable> told = new ArrayList<>();
        Outlook found = outlook;
        while (held > 0) {
            Party next = next(free(found));
            if (next == null) {
                break;
            }
            turns.remove(next);
            Place place = next.waiting.remove();
            held--;
            if (!next.waiting.isEmpty()) {
                turns.add(next);
            }
            admit(place, now);
            told.add(place.caller::admitted);
            found = found.busy();
        }
        return told;
    }

    private @Nullable Party next(long free) {
        Party slow = null;
        for (Party party : turns) {
            if (party.coming < free) {
                if (!party.slow) {
                    return party;
                }
                slow = slow == null ? party : slow;
            }
        }
        return slow;
    }

    private void leave(Place place, boolean arrived) {
        List<Runnable> told;
        synchronized (this) {
            Party party = place.party;
            switch (place.state) {
                case HELD -> {
                    party.waiting.remove(place);
                    held--;
                    if (party.waiting.isEmpty()) {
                        turns.remove(party);
                    }
                }
                case COMING -> {
                    arriving.remove(place);
                    party.coming--;
                }
                case LAPSED, GONE -> {}
            }
            party.slow &= !arrived;
            place.state = State.GONE;
            told = held == 0 ? List.of() : takeTurns(ticks.nanos(), engine.get());
        }
        told.forEach(Runnable::run);
    }

    private void look() {
        List<Runnable> told = new ArrayList<>();
        synchronized (this) {
            long now = ticks.nanos();
            Outlook outlook = engine.get();
            lapse(now, outlook);
            told.addAll(takeTurns(now, outlook));
            told.addAll(refuseLate(now, outlook));
            ticking = held > 0;
            if (ticking) {
                pressedUntil = pressed ? now + PRESSED : pressedUntil;
                ticks.later(this::look);
            }
        }
        told.forEach(Runnable::run);
    }

    private void lapse(long now, Outlook outlook) {
        long runs = readAhead(outlook) * outlook.eachNanos();
        long time = Math.clamp(runs, SHORTEST_ARRIVAL, LONGEST_ARRIVAL);
        Iterator<Place> oldest = arriving.iterator();
        while (oldest.hasNext()) {
            Place place = oldest.next();
            if (now - place.since < time) {
                return;
            }
            oldest.remove();
            place.state = State.LAPSED;
            place.party.coming--;
            place.party.slow = true;
        }
    }

    private List<Runnable> refuseLate(long now, Outlook outlook) {
        List<Runnable> told = new ArrayList<>();
        long wait = waitNanos(outlook);
        for (Party party : List.copyOf(turns)) {
            while (!party.waiting.isEmpty() && now - party.waiting.element().since >= longestHold) {
                Place place = party.waiting.remove();
                place.state = State.GONE;
                held--;
                told.add(() -> place.caller.refused(overloaded("too many requests are waiting", wait)));
            }
            if (party.waiting.isEmpty()) {
                turns.remove(party);
            }
        }
        return told;
    }
}
