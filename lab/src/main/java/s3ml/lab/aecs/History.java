package s3ml.lab.aecs;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.attest.S3mlException;

/// One random history of three replicas over one failing store, checked against a plain map.
///
/// Each step is an operation of one replica (write, delete, compare-and-set, read) or a fault: a replica dies and
/// starts
/// again, its way to the store is cut or mended, a commit loses its request or its answer, another replica commits in
/// the
/// middle of a transaction. Time is virtual. An operation that failed may have been made or not; the next look at the
/// record
/// decides which, and from then on it must stay so. Acknowledged writes must be seen by every later look, whoever
/// looks.
final class History {
    private static final int REPLICAS = 3;
    private static final int STEPS = 40;
    private static final int NAMES = 4;

    private final long seed;
    private final Random random;
    private final SecureRandom keys = new SecureRandom();
    private final SimStore store = new SimStore();
    private final RootSecret root;
    private final SimStore.Door[] doors = new SimStore.Door[REPLICAS];
    private final SealedState[] replicas = new SealedState[REPLICAS];
    /// What each record may hold now: one value when it is certain.
    private final Map<String, Set<Optional<String>>> model = new HashMap<>();
    private Instant now = Instant.parse("2026-11-24T00:00:00Z");
    private int operations;
    private int acknowledged;
    private int failed;

    private History(long seed, RootSecret root) {
        this.seed = seed;
        this.random = new Random(seed);
        this.root = root;
    }

    /// What a history did.
    ///
    /// @param failed operations whose outcome the caller could not know
    record Tally(int operations, int acknowledged, int failed) {}

    /// Runs the history of this seed.
    ///
    /// @throws AssertionError naming seed and step, if the state contradicts the model
    static Tally run(long seed, RootSecret root) {
        History history = new History(seed, root);
        history.start();
        for (int step = 0; step < STEPS; step++) {
            try {
                history.step();
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", step " + step + ": " + e.getMessage(), e);
            }
        }
        history.finish();
        return new Tally(history.operations, history.acknowledged, history.failed);
    }

    private void start() {
        for (int i = 0; i < REPLICAS; i++) {
            doors[i] = store.door();
        }
        replicas[0] = SealedState.create(doors[0], root, keys, () -> now, change -> change.put("first", bytes("0")));
        for (int i = 1; i < REPLICAS; i++) {
            replicas[i] = open(i);
        }
    }

    private SealedState open(int replica) {
        return SealedState.open(doors[replica], root, keys, () -> now, null);
    }

    private void step() {
        now = now.plus(Duration.ofMillis(random.nextInt(10_000)));
        int replica = random.nextInt(REPLICAS);
        switch (random.nextInt(12)) {
            case 0 -> restart(replica);
            case 1 -> doors[replica].shut = true;
            case 2 -> doors[replica].shut = false;
            case 3 -> doors[replica].next = SimStore.Fate.LOST_REQUEST;
            case 4 -> doors[replica].next = SimStore.Fate.LOST_ANSWER;
            case 5 -> intrude(replica);
            case 6 -> look(replica);
            default -> operate(replica);
        }
    }

    private void restart(int replica) {
        boolean wasShut = doors[replica].shut;
        doors[replica].shut = false;
        doors[replica].next = SimStore.Fate.DONE;
        replicas[replica] = open(replica);
        doors[replica].shut = wasShut;
    }

    /// The next commit of this replica finds that another one was quicker.
    private void intrude(int replica) {
        int other = (replica + 1 + random.nextInt(REPLICAS - 1)) % REPLICAS;
        doors[replica].intruder = () -> operate(other);
    }

    private void operate(int replica) {
        String name = "r/" + random.nextInt(NAMES);
        String value = "v" + random.nextInt(1_000_000);
        operations++;
        switch (random.nextInt(3)) {
            case 0 -> write(replica, name, Optional.of(value));
            case 1 -> write(replica, name, Optional.empty());
            default -> compareAndSet(replica, name, value);
        }
    }

    private void write(int replica, String name, Optional<String> value) {
        try {
            replicas[replica].transact(change -> {
                value.ifPresentOrElse(text -> change.put(name, bytes(text)), () -> change.delete(name));
                change.log(bytes(name));
                return true;
            });
            certain(name, value);
        } catch (S3mlException e) {
            uncertain(name, value, e);
        }
    }

    private void compareAndSet(int replica, String name, String value) {
        Set<Optional<String>> before = new HashSet<>(possible(name));
        try {
            Optional<String> seen = replicas[replica]
                    .transact(change -> {
                        Optional<String> now =
                                change.get(name).map(record -> record.content().toStringUtf8());
                        change.put(name, bytes(value));
                        return now;
                    })
                    .value();
            // An intruder may have changed it in the middle; then the model holds the intruder's value by now.
            Set<Optional<String>> allowed = new HashSet<>(before);
            allowed.addAll(possible(name));
            require(allowed.contains(seen), name + " held " + seen + ", allowed were " + allowed);
            certain(name, Optional.of(value));
        } catch (S3mlException e) {
            uncertain(name, Optional.of(value), e);
        }
    }

    private void look(int replica) {
        String name = "r/" + random.nextInt(NAMES);
        try {
            replicas[replica].refresh();
        } catch (S3mlException e) {
            requireAway(e);
            return;
        }
        Optional<String> seen = replicas[replica]
                .read(view -> view.get(name))
                .map(record -> record.content().toStringUtf8());
        require(possible(name).contains(seen), name + " holds " + seen + ", allowed are " + possible(name));
        // Nothing is in flight between steps, so what was seen is what it is.
        model.put(name, new HashSet<>(Set.of(seen)));
    }

    private void finish() {
        for (SimStore.Door door : doors) {
            door.shut = false;
            door.next = SimStore.Fate.DONE;
            door.intruder = null;
        }
        for (int i = 0; i < REPLICAS; i++) {
            replicas[i].refresh();
        }
        SealedState fresh = open(0);
        for (int n = 0; n < NAMES; n++) {
            String name = "r/" + n;
            Optional<String> seen = fresh.read(view -> view.get(name))
                    .map(record -> record.content().toStringUtf8());
            require(possible(name).contains(seen), name + " holds " + seen + ", allowed are " + possible(name));
            for (SealedState replica : replicas) {
                Optional<String> theirs = replica.read(view -> view.get(name))
                        .map(record -> record.content().toStringUtf8());
                require(theirs.equals(seen), name + " differs between replicas");
            }
        }
    }

    private void certain(String name, Optional<String> value) {
        acknowledged++;
        model.put(name, new HashSet<>(Set.of(value)));
    }

    private void uncertain(String name, Optional<String> value, S3mlException e) {
        requireAway(e);
        failed++;
        Set<Optional<String>> values = new HashSet<>(possible(name));
        values.add(value);
        model.put(name, values);
    }

    private Set<Optional<String>> possible(String name) {
        return model.getOrDefault(name, Set.of(Optional.empty()));
    }

    /// An honest store is never accused.
    private void requireAway(S3mlException e) {
        require(e.code().equals("AECS-301"), "an honest store was refused by " + e.getMessage());
    }

    private void require(boolean right, String what) {
        if (!right) {
            throw new AssertionError("seed " + seed + ": " + what);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
