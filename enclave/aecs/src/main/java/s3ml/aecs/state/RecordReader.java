package s3ml.aecs.state;

import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/// Reads keys of a [RecordStore]. Every method throws [s3ml.attest.S3mlException] `AECS-301` when the storage cannot be
/// reached or fails.
public interface RecordReader {
    /// What is stored under each key, in the order of `keys`; `null` where there is nothing.
    ///
    /// All are read at one moment.
    List<byte @Nullable []> getAll(List<String> keys);

    /// Up to `limit` entries with `from` ≤ key < `to`, in key order.
    SortedMap<String, byte[]> range(String from, String to, int limit);
}
