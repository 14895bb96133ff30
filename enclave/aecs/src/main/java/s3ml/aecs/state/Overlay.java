package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The changes of one transaction over the changes of those before it in the same commit, over the records.
final class Overlay implements StateChange {
    /// Names become keys of the store and words in messages.
    private static final int MAX_NAME = 512;

    private final Records base;
    private final Map<String, Optional<StoredRecord>> earlier;
    private final long firstLogIndex;
    private final long version;
    private final Map<String, Optional<StoredRecord>> changes = new TreeMap<>();
    private final List<byte[]> entries = new ArrayList<>();

    Overlay(Records base, Map<String, Optional<StoredRecord>> earlier, long firstLogIndex, long version) {
        this.base = base;
        this.earlier = earlier;
        this.firstLogIndex = firstLogIndex;
        this.version = version;
    }

    @Override
    public Optional<StoredRecord> get(String name) {
        Optional<StoredRecord> changed = changes.get(name);
        if (changed == null) {
            changed = earlier.get(name);
        }
        if (changed != null) {
            return changed;
        }
        return Optional.ofNullable(base.byName().get(name)).map(Slot::record);
    }

    @Override
    public SortedMap<String, StoredRecord> list(String prefix) {
        SortedMap<String, StoredRecord> found = new TreeMap<>();
        base.under(prefix).forEach((name, slot) -> found.put(name, slot.record()));
        merge(earlier, prefix, found);
        merge(changes, prefix, found);
        return found;
    }

    /// Names which this very transaction adds are not among them: nobody asks for those.
    @Override
    public List<String> names(String prefix, int limit) {
        List<String> names = new ArrayList<>();
        for (String name : base.byName().tailMap(prefix).keySet()) {
            if (names.size() == limit || !name.startsWith(prefix)) {
                break;
            }
            if (get(name).isPresent()) {
                names.add(name);
            }
        }
        return names;
    }

    @Override
    public int count(String prefix) {
        int count = base.count(prefix);
        for (String name : changes.keySet()) {
            count += difference(name, prefix);
        }
        for (String name : earlier.keySet()) {
            count += changes.containsKey(name) ? 0 : difference(name, prefix);
        }
        return count;
    }

    /// By how much what became of the name changes a count.
    private int difference(String name, String prefix) {
        if (!name.startsWith(prefix)) {
            return 0;
        }
        return (get(name).isPresent() ? 1 : 0) - (base.byName().containsKey(name) ? 1 : 0);
    }

    private static void merge(
            Map<String, Optional<StoredRecord>> over, String prefix, Map<String, StoredRecord> found) {
        over.forEach((name, record) -> {
            if (name.startsWith(prefix)) {
                record.ifPresentOrElse(present -> found.put(name, present), () -> found.remove(name));
            }
        });
    }

    @Override
    public long logSize() {
        return firstLogIndex + entries.size();
    }

    @Override
    public long put(String name, byte[] content) {
        if (name.isEmpty() || name.length() > MAX_NAME) {
            throw new IllegalArgumentException("a record's name has 1.." + MAX_NAME + " characters");
        }
        changes.put(name, Optional.of(new StoredRecord(version, ByteString.copyFrom(content))));
        return version;
    }

    @Override
    public void delete(String name) {
        if (get(name).isPresent()) {
            changes.put(name, Optional.empty());
        }
    }

    @Override
    public long log(byte[] entry) {
        entries.add(entry.clone());
        return logSize() - 1;
    }

    Map<String, Optional<StoredRecord>> changes() {
        return changes;
    }

    List<byte[]> entries() {
        return entries;
    }

    boolean isEmpty() {
        return changes.isEmpty() && entries.isEmpty();
    }
}
