package s3ml.lab.faults;

import java.util.List;
import java.util.SortedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.state.RecordReader;
import s3ml.aecs.state.RecordStore;

/// A store that breaks its contract once in a while, to see that the model notices.
final class BrokenStore implements RecordStore {
    private static final int EVERY = 9;

    private final RecordStore store = new MemoryStore();
    private final boolean drops;
    private int commits;

    /// @param drops whether it acknowledges commits that it never makes, or makes commits that it denies
    BrokenStore(boolean drops) {
        this.drops = drops;
    }

    @Override
    public <T> T atOneMoment(Function<RecordReader, T> reading) {
        return reading.apply(this);
    }

    @Override
    public boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
        boolean breaks = ++commits % EVERY == 0;
        if (breaks && drops) {
            return true;
        }
        return store.commit(guard, expected, writes) && !breaks;
    }

    @Override
    public List<byte @Nullable []> getAll(List<String> keys) {
        return store.getAll(keys);
    }

    @Override
    public SortedMap<String, byte[]> range(String from, String to, int limit) {
        return store.range(from, to, limit);
    }

    @Override
    public String kind() {
        return "broken";
    }

    @Override
    public void close() {}
}
