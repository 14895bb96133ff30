package s3ml.lab.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.state.RecordReader;
import s3ml.aecs.state.RecordStore;
import s3ml.attest.S3mlException;

/// One replica's way to a store that is honest but unreliable: answers get lost, commits arrive late, the machine dies
/// in the middle, other replicas are quicker. Which of it happens is drawn from a seeded generator.
final class FaultyStore implements RecordStore {
    /// The replica's machine dies at this moment; nothing of the replica may be used afterwards.
    static final class Crash extends Error {
        private static final long serialVersionUID = 1L;

        Crash() {
            super("the machine died");
        }
    }

    /// Probabilities in percent, each drawn at every commit (`readFails`: at every read).
    ///
    /// @param overtaken another replica acts first
    /// @param refused the commit fails and was not made
    /// @param answerLost the commit is made and reported as failed
    /// @param delayed the commit is reported as failed and arrives later, if its guard still holds then
    /// @param crashes the machine dies, half of the times behind the commit
    record Odds(int overtaken, int refused, int answerLost, int delayed, int crashes, int readFails) {
        static final Odds USUAL = new Odds(20, 5, 5, 5, 4, 2);
        static final Odds NONE = new Odds(0, 0, 0, 0, 0, 0);
    }

    private final RecordStore store;
    private final RandomGenerator random;
    private final Runnable others;
    private final List<Runnable> delayed = new ArrayList<>();
    private Odds odds = Odds.NONE;
    private int injected;

    /// @param others lets another replica act
    FaultyStore(RecordStore store, RandomGenerator random, Runnable others) {
        this.store = store;
        this.random = random;
        this.others = others;
    }

    void odds(Odds newOdds) {
        odds = newOdds;
    }

    int injected() {
        return injected;
    }

    /// Lets what is still under way arrive.
    void deliver() {
        List<Runnable> arriving = new ArrayList<>(delayed);
        delayed.clear();
        arriving.forEach(Runnable::run);
    }

    @Override
    public List<byte @Nullable []> getAll(List<String> keys) {
        failReads();
        return store.getAll(keys);
    }

    @Override
    public SortedMap<String, byte[]> range(String from, String to, int limit) {
        failReads();
        return store.range(from, to, limit);
    }

    @Override
    public <T> T atOneMoment(Function<RecordReader, T> reading) {
        return reading.apply(this);
    }

    @Override
    public boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
        if (happens(odds.overtaken())) {
            others.run();
        }
        if (happens(odds.refused())) {
            throw failure("the commit was refused");
        }
        if (happens(odds.delayed())) {
            List<Write> copy = List.copyOf(writes);
            delayed.add(() -> store.commit(guard, expected, copy));
            throw failure("no answer yet");
        }
        boolean crashes = happens(odds.crashes());
        if (crashes && random.nextBoolean()) {
            throw new Crash();
        }
        boolean done = store.commit(guard, expected, writes);
        if (crashes) {
            throw new Crash();
        }
        if (happens(odds.answerLost())) {
            throw failure("the answer was lost");
        }
        return done;
    }

    private void failReads() {
        if (happens(odds.readFails())) {
            throw failure("the read was refused");
        }
    }

    private boolean happens(int percent) {
        boolean happens = percent > 0 && random.nextInt(100) < percent;
        injected += happens ? 1 : 0;
        return happens;
    }

    private static S3mlException failure(String why) {
        return new S3mlException("AECS-301", "simulated storage failed", why, "wait");
    }

    @Override
    public String kind() {
        return store.kind();
    }

    @Override
    public void close() {}
}
