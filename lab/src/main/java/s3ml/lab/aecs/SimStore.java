package s3ml.lab.aecs;

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
import s3ml.attest.S3mlException;

/// A store in memory, with one door for each replica. A door can be shut (a partition), lose a request before or its
/// answer
/// behind a commit, and let another replica commit first. What it holds can be copied, altered and put back, as a
/// hostile
/// host could.
final class SimStore {
    final NavigableMap<String, byte[]> entries = new TreeMap<>();

    NavigableMap<String, byte[]> copy() {
        return new TreeMap<>(entries);
    }

    void restore(NavigableMap<String, byte[]> copy) {
        entries.clear();
        entries.putAll(copy);
    }

    Door door() {
        return new Door();
    }

    /// What happens to the next commit through a door.
    enum Fate {
        DONE,
        LOST_REQUEST,
        LOST_ANSWER
    }

    /// One replica's access to the store.
    final class Door implements RecordStore {
        boolean shut;
        Fate next = Fate.DONE;

        @Nullable
        Runnable intruder;

        private Door() {}

        private void pass() {
            if (shut) {
                throw away();
            }
        }

        private S3mlException away() {
            return new S3mlException("AECS-301", "simulated storage is away", "the simulation shut it", "go on");
        }

        @Override
        public List<byte @Nullable []> getAll(List<String> keys) {
            pass();
            List<byte @Nullable []> values = new ArrayList<>();
            keys.forEach(key -> values.add(entries.get(key)));
            return values;
        }

        @Override
        public SortedMap<String, byte[]> range(String from, String to, int limit) {
            pass();
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
        public <T> T atOneMoment(Function<RecordReader, T> reading) {
            return reading.apply(this);
        }

        @Override
        public boolean commit(String guard, byte @Nullable [] expected, List<Write> writes) {
            pass();
            Runnable first = intruder;
            if (first != null) {
                intruder = null;
                first.run();
            }
            Fate fate = next;
            next = Fate.DONE;
            if (fate == Fate.LOST_REQUEST) {
                throw away();
            }
            if (!Arrays.equals(entries.get(guard), expected)) {
                return false;
            }
            for (Write write : writes) {
                byte[] value = write.value();
                if (value == null) {
                    entries.remove(write.key());
                } else {
                    entries.put(write.key(), value);
                }
            }
            if (fate == Fate.LOST_ANSWER) {
                throw away();
            }
            return true;
        }

        @Override
        public String kind() {
            return "simulated";
        }

        @Override
        public void close() {}
    }
}
