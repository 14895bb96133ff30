package s3ml.aecs.state;

import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A storage edge: keys to bytes, with one atomic conditional commit. Nothing it returns is believed.
///
/// Keys are ASCII text, ordered by their bytes. Implementations are safe for use by several threads. Every method
/// throws [s3ml.attest.S3mlException] `AECS-301` when the storage cannot be reached or fails.
public interface RecordStore extends RecordReader, AutoCloseable {
    /// The most writes that [#commit] takes at once; etcd's default limit is 128 operations.
    int MAX_WRITES = 120;

    /// The longest value; etcd's default limit for a whole request is 1.5 MiB.
    int MAX_VALUE_BYTES = 512 * 1024;

    /// Runs `reading` with a reader whose every answer is of one moment, whatever is committed meanwhile.
    ///
    /// Without it a reader that meets commits of others half-way cannot tell them from a store that lies.
    ///
    /// @param reading without side effects: it is run again when the storage no longer keeps its moment. It neither
    ///     commits nor keeps the reader
    <T> T atOneMoment(Function<RecordReader, T> reading);

    /// Applies all writes at once, or none: only if `guard` still holds `expected` (`null` = is absent).
    ///
    /// When this returns true the writes survive a crash of machine and process.
    ///
    /// @param guard a key; usually also among the writes
    /// @param writes at most [#MAX_WRITES], each key once
    /// @return whether they were applied
    boolean commit(String guard, byte @Nullable [] expected, List<Write> writes);

    /// The name of this kind of store, for messages.
    String kind();

    @Override
    void close();

    /// One change of one key; a `null` value deletes.
    final class Write {
        private final String key;
        private final byte @Nullable [] value;

        /// @param value is not copied; nobody changes it any more
        public Write(String key, byte @Nullable [] value) {
            if (value != null && value.length > MAX_VALUE_BYTES) {
                throw new IllegalArgumentException(
                        "value of " + key + " has " + value.length + " bytes, more than " + MAX_VALUE_BYTES);
            }
            this.key = Objects.requireNonNull(key, "key");
            this.value = value;
        }

        public String key() {
            return key;
        }

        public byte @Nullable [] value() {
            return value;
        }
    }
}
