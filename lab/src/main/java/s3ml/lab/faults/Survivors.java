package s3ml.lab.faults;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import s3ml.aecs.state.RecordStore;
import s3ml.aecs.state.RootSecret;
import s3ml.aecs.state.SealedState;
import s3ml.aecs.state.StateChange;

/// What a store holds of the changes that were acknowledged before the faults.
///
/// @param lost acknowledged changes that are not in the log, and records that are not those of the newest change
/// @param duplicates changes that stand in the log more than once
record Survivors(long lost, long duplicates) {
    private static final int RECORDS = 512;
    private static final long CREATION = 0;
    private static final int PAGE = 256;

    /// The first change of a state.
    static long create(StateChange change) {
        return change.log(entry(CREATION));
    }

    /// One change of a load: a record and an entry that both hold its number, ≥ 1.
    static long write(StateChange change, long id) {
        change.put(name(id % RECORDS), entry(id));
        return change.log(entry(id));
    }

    /// Reads the whole state and compares.
    static Survivors in(RecordStore store, RootSecret root, Set<Long> acknowledged) {
        try (SealedState state = SealedState.open(store, root, new SecureRandom(), InstantSource.system(), null)) {
            List<Long> order = new ArrayList<>();
            long size = state.logTree().size();
            while (order.size() < size) {
                state.logEntries(order.size(), PAGE).forEach(entry -> order.add(number(entry)));
            }
            Map<Long, Integer> logged = new HashMap<>();
            order.forEach(id -> logged.merge(id, 1, Integer::sum));
            Set<Long> lost = new HashSet<>(acknowledged);
            lost.removeAll(logged.keySet());
            long duplicates =
                    logged.values().stream().filter(count -> count > 1).count();
            return new Survivors(lost.size() + recordsLost(state, order), duplicates);
        }
    }

    private static long recordsLost(SealedState state, List<Long> order) {
        Map<Long, Long> newest = new HashMap<>();
        order.stream().filter(id -> id != CREATION).forEach(id -> newest.put(id % RECORDS, id));
        return state.read(view -> newest.entrySet().stream()
                .filter(slot -> view.get(name(slot.getKey()))
                        .filter(record -> number(record.content()) == slot.getValue())
                        .isEmpty())
                .count());
    }

    private static String name(long slot) {
        return "load/" + slot;
    }

    private static byte[] entry(long id) {
        return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    }

    private static long number(ByteString entry) {
        return entry.asReadOnlyByteBuffer().getLong();
    }
}
