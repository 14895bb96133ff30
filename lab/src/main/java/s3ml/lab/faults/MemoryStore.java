package s3ml.lab.faults;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import s3ml.aecs.state.RecordReader;
import s3ml.aecs.state.RecordStore;

/// A store in memory that survives its users: the disk of the simulation. Not for use by several threads.
final class MemoryStore implements RecordStore {
    private final NavigableMap<String, byte[]> entries = new TreeMap<>();

    @Override
    public List<byte @Nullable []> getAll(List<String> keys) {
        List<byte @Nullable []> values = new ArrayList<>();
        for (String key : keys) {
            byte[] value = entries.get(key);
            values.add(value == null ? null : value.clone());
        }
        return values;
    }

    @Override
    public SortedMap<String, byte[]> range(String from, String to, int limit) {
        SortedMap<String, byte[]> found = new TreeMap<>();
        for (var entry : entries.subMap(from, to).entrySet()) {
            if (found.size() == limit) {
                break;
            }
            found.put(entry.getKey(), entry.getValue().clone());
        }
        return found;
    }

    @Override
    public <T> T atOneMoment(Function<RecordReader, T> reading) {
        return reading.apply(this);
    }

    @Override
    public boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
        if (!Arrays.equals(entries.get(guard), expected)) {
            return false;
        }
        for (Write write : writes) {
            byte[] value = write.value();
            if (value == null) {
                entries.remove(write.key());
            } else {
                entries.put(write.key(), value.clone());
            }
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
