package s3ml.aecs.state;

import com.google.protobuf.ByteString;
import java.util.Map;
import s3ml.attest.S3mlException;
import s3ml.wire.aecs.state.Change;

/// Finds out what was done to a record that is not the expected one, so that the message can say it.
final class TamperReport {
    private final RecordSealer sealer;

    TamperReport(RecordSealer sealer) {
        this.sealer = sealer;
    }

    S3mlException explain(Change change, byte[] sealed, ByteString digest, Map<String, Change> expected) {
        String name = change.getName();
        var own = sealer.open(name, sealed);
        if (own.isPresent()) {
            long version = own.get().version();
            if (version == change.getVersion()) {
                return Faults.record(name, "it has other content of version " + version + ": the storage was forked");
            }
            return Faults.record(
                    name, "it is version " + version + ", the chain says " + change.getVersion() + ": it was replayed");
        }
        for (Change other : expected.values()) {
            if (other.getDigest().equals(digest)
                    || sealer.open(other.getName(), sealed).isPresent()) {
                return Faults.record(name, "it holds record \"" + other.getName() + "\": they were swapped");
            }
        }
        return Faults.record(name, "it was altered");
    }
}
