package s3ml.aecs.state;

import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.SortedMap;
import java.util.TreeMap;

/// The records in memory by their names, and how many there are in each folder of names, so that a limit is checked
/// without counting twenty thousand leases.
///
/// A folder is a name up to its last slash. Not thread-safe.
final class Records {
    private final NavigableMap<String, Slot> byName = new TreeMap<>();
    private final NavigableMap<String, Integer> folders = new TreeMap<>();

    void put(String name, Slot slot) {
        if (byName.put(name, slot) == null) {
            folders.merge(folder(name), 1, Integer::sum);
        }
    }

    void putAll(Map<String, Slot> slots) {
        slots.forEach(this::put);
    }

    void remove(String name) {
        if (byName.remove(name) != null) {
            folders.computeIfPresent(folder(name), (folder, count) -> count == 1 ? null : count - 1);
        }
    }

    /// All of them, to read.
    NavigableMap<String, Slot> byName() {
        return Collections.unmodifiableNavigableMap(byName);
    }

    /// Those whose names begin with `prefix`, to read.
    SortedMap<String, Slot> under(String prefix) {
        return Collections.unmodifiableSortedMap(byName.subMap(prefix, Keys.end(prefix)));
    }

    /// How many names begin with `prefix`, which ends with a slash.
    int count(String prefix) {
        int count = 0;
        for (int each : folders.subMap(prefix, Keys.end(prefix)).values()) {
            count += each;
        }
        return count;
    }

    private static String folder(String name) {
        return name.substring(0, name.lastIndexOf('/') + 1);
    }
}
