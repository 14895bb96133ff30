package s3ml.aecs.state;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A store in memory whose content a test can read, replace and roll back: what a hostile host can do to a real one.
final class MemoryRecordStore implements RecordStore {
    final NavigableMap<String, byte[]> entries = new TreeMap<>();

    /// Thrown by the next commit: before it is made, or behind it.
    @Nullable
    RuntimeException failBefore;

    @Nullable
    RuntimeException failAfter;

    NavigableMap<String, byte[]> copy() {
        return new TreeMap<>(entries);
    }

    void restore(NavigableMap<String, byte[]> copy) {
        entries.clear();
        entries.putAll(copy);
    }

    @Override
    public synchronized List<byte @Nullable []> getAll(List<String> keys) {
        List<byte @Nullable []> values = new ArrayList<>();
        keys.forEach(key -> values.add(entries.get(key)));
        return values;
    }

    @Override
    public synchronized SortedMap<String, byte[]> range(String from, String to, int limit) {
        SortedMap<String, byte[]> found = new TreeMap<>();
        for (var entry : entries.subMap(from, to).entrySet()) {
            if (found.size() == limit) {
                break;
            }
            found.put(entry.getKey(), entry.getValue());
        }
        return found;
    }

    @Override
    public synchronized <T> T atOneMoment(Function<RecordReader, T> reading) {
        return reading.apply(this);
    }

    @Override
    public synchronized boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
        RuntimeException before = failBefore;
        if (before != null) {
            failBefore = null;
            throw before;
        }
        if (!Arrays.equals(entries.get(guard), expected)) {
            return false;
        }
        for (Write write : writes) {
            if (write.value() == null) {
                entries.remove(write.key());
            } else {
                entries.put(write.key(), write.value());
            }
        }
        RuntimeException after = failAfter;
        if (after != null) {
            failAfter = null;
            throw after;
        }
        return true;
    }

    @Override
    public String kind() {
        return "memory";
    }

    @Override
    public void close() {}
}
