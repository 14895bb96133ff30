package s3ml.lab.faults;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.util.Map;
import s3ml.aecs.state.StateChange;
import s3ml.aecs.state.StoredRecord;

/// One change of a history: what it does to the real state, and what the model says it does.
///
/// @param id unique in its history; logged by the same transaction, so the log tells the order of all changes
/// @param kind what it does
/// @param name of the record
/// @param expected version that [Kind#COMPARE_AND_SET] demands; 0 = absent
record Operation(long id, Kind kind, String name, long expected) {
    enum Kind {
        PUT,
        DELETE,
        COMPARE_AND_SET,
        PUT_TWO
    }

    /// A record as the model knows it: which operation wrote it, and the version it then got.
    record Known(long writer, long version) {}

    /// The compare-and-set did not find what it expected.
    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    byte[] entry() {
        return ByteBuffer.allocate(Long.BYTES).putLong(id).array();
    }

    static long idOf(ByteString entry) {
        return entry.asReadOnlyByteBuffer().getLong();
    }

    /// Runs inside a transaction; the log index is the result.
    long run(StateChange change) {
        if (kind == Kind.COMPARE_AND_SET
                && change.get(name).map(StoredRecord::version).orElse(0L) != expected) {
            throw new Refused();
        }
        if (kind == Kind.DELETE) {
            change.delete(name);
        } else {
            change.put(name, entry());
        }
        if (kind == Kind.PUT_TWO) {
            change.put(second(), entry());
        }
        return change.log(entry());
    }

    /// Whether the model would accept it.
    boolean accepted(Map<String, Known> model) {
        Known known = model.get(name);
        return kind != Kind.COMPARE_AND_SET || (known == null ? 0 : known.version()) == expected;
    }

    /// The same on the model.
    ///
    /// @param version of what is written: the commit's sequence
    void replay(Map<String, Known> model, long version) {
        if (kind == Kind.DELETE) {
            model.remove(name);
        } else {
            model.put(name, new Known(id, version));
        }
        if (kind == Kind.PUT_TWO) {
            model.put(second(), new Known(id, version));
        }
    }

    private String second() {
        return name + "/second";
    }
}
