package s3ml.lab.faults;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import s3ml.aecs.state.StoredRecord;
import s3ml.lab.faults.Operation.Known;

/// What a history did and saw, and the judgement over it.
///
/// Every change logs its own number, so the transparency log is the one order that has to explain everything: each
/// acknowledged change stands in it once, behind all that were acknowledged before it began; each refused one nowhere;
/// one of unknown outcome at most once; and every read, every refusal and the final state are those of replaying it.
final class HistoryModel {
    /// The entry which the creation of the state logs.
    static final long CREATION = 0;

    private record Acknowledged(Operation operation, long index, long notBefore) {}

    private record Refusal(Operation operation, int at, long notBefore) {}

    private record Read(Map<String, Known> seen, int at, long notBefore) {}

    private final Map<Long, Operation> operations = new HashMap<>();
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final List<Refusal> refusals = new ArrayList<>();
    private final List<Read> reads = new ArrayList<>();
    private final List<String> violations = new ArrayList<>();
    private long newestAcknowledged;

    /// The log index of the newest change that was acknowledged so far: whatever begins now must see it.
    long newestAcknowledged() {
        return newestAcknowledged;
    }

    /// A change begins, with an unknown outcome so far.
    void begins(Operation operation) {
        operations.put(operation.id(), operation);
    }

    void acknowledged(Operation operation, long index, long notBefore) {
        acknowledged.add(new Acknowledged(operation, index, notBefore));
        newestAcknowledged = Math.max(newestAcknowledged, index);
    }

    /// @param at size of the log on which the change was refused
    void refused(Operation operation, long at, long notBefore) {
        refusals.add(new Refusal(operation, Math.toIntExact(at), notBefore));
    }

    void read(Map<String, StoredRecord> records, long at, long notBefore) {
        reads.add(new Read(known(records), Math.toIntExact(at), notBefore));
    }

    void violated(String what) {
        violations.add(what);
    }

    int acknowledgements() {
        return acknowledged.size();
    }

    /// Judges everything against the log and the state that were found at the end; an empty list is a good history.
    List<String> judge(List<ByteString> log, Map<String, StoredRecord> state) {
        List<Long> order = log.stream().map(Operation::idOf).toList();
        Set<Long> logged = new HashSet<>(order);
        if (logged.size() != order.size()) {
            violations.add("a change stands twice in the log: " + order);
        }
        acknowledged.forEach(change -> judge(change, order));
        refusals.forEach(refusal -> {
            if (logged.contains(refusal.operation().id())) {
                violations.add(refusal.operation() + " was refused, and is in the log");
            }
        });
        Map<String, Known> end = replay(order);
        if (!end.equals(known(state))) {
            violations.add("the state " + known(state) + " is not what the log replays to: " + end);
        }
        return violations;
    }

    private void judge(Acknowledged change, List<Long> order) {
        boolean stands = change.index() < order.size()
                && order.get((int) change.index()) == change.operation().id();
        if (!stands) {
            violations.add(change.operation() + " was acknowledged at " + change.index() + " and is lost");
        }
        if (change.index() <= change.notBefore()) {
            violations.add(change.operation() + " stands before a change that was acknowledged before it began");
        }
    }

    private Map<String, Known> replay(List<Long> order) {
        Map<String, Known> model = new TreeMap<>();
        for (int index = 0; index < order.size(); index++) {
            long id = order.get(index);
            Operation operation = operations.get(id);
            if (operation == null && id != CREATION) {
                violations.add("the log holds a change that nobody made: " + id);
            } else if (operation != null) {
                if (!operation.accepted(model)) {
                    violations.add(operation + " was made although it had to be refused");
                }
                operation.replay(model, index + 1L);
            }
            check(index + 1, model);
        }
        return model;
    }

    private void check(int size, Map<String, Known> model) {
        for (Read read : reads) {
            if (read.at() == size && !read.seen().equals(model)) {
                violations.add("a read at " + size + " saw " + read.seen() + " instead of " + model);
            }
            if (read.at() == size && read.at() <= read.notBefore()) {
                violations.add("a read at " + size + " missed the acknowledged change " + read.notBefore());
            }
        }
        for (Refusal refusal : refusals) {
            if (refusal.at() == size && refusal.operation().accepted(model)) {
                violations.add(refusal.operation() + " was refused at " + size + " without reason");
            }
            if (refusal.at() == size && refusal.at() <= refusal.notBefore()) {
                violations.add(refusal.operation() + " was refused on an old state");
            }
        }
    }

    private static Map<String, Known> known(Map<String, StoredRecord> records) {
        Map<String, Known> known = new TreeMap<>();
        records.forEach(
                (name, record) -> known.put(name, new Known(Operation.idOf(record.content()), record.version())));
        return known;
    }
}
