package s3ml.aecs.release;

import com.google.protobuf.ByteString;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import s3ml.wire.aecs.Denial;

/// The newest refused releases of each service, for its admin. Kept in memory only: a denial gives nothing away, and
/// writing each would let strangers fill the storage. Thread-safe.
public final class Denials {
    private static final int KEPT_PER_SERVICE = 32;
    private static final int MAX_SERVICES = 256;

    private final Map<String, Deque<Denial>> byService = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Deque<Denial>> eldest) {
            return size() > MAX_SERVICES;
        }
    };

    /// Remembers a denial; one like the last only counts up.
    public synchronized void add(String service, long at, String code, ByteString measurement, List<String> findings) {
        Deque<Denial> denials = byService.computeIfAbsent(service, name -> new ArrayDeque<>());
        Denial last = denials.peekFirst();
        boolean repeats = last != null
                && last.getCode().equals(code)
                && last.getMeasurement().equals(measurement)
                && last.getFindingsList().equals(findings);
        if (repeats) {
            denials.removeFirst();
        }
        denials.addFirst(Denial.newBuilder()
                .setAtUnixMillis(at)
                .setCode(code)
                .setMeasurement(measurement)
                .addAllFindings(findings)
                .setCount(repeats ? last.getCount() + 1 : 1)
                .build());
        if (denials.size() > KEPT_PER_SERVICE) {
            denials.removeLast();
        }
    }

    /// Newest first.
    public synchronized List<Denial> of(String service) {
        return new ArrayList<>(byService.getOrDefault(service, new ArrayDeque<>()));
    }
}
