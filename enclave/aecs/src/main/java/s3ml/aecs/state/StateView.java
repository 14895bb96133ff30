package s3ml.aecs.state;

import java.util.List;
import java.util.Optional;
import java.util.SortedMap;

/// The records at one moment. Names are paths such as `service/detector`.
public interface StateView {
    /// The record of that name.
    Optional<StoredRecord> get(String name);

    /// All records whose name begins with `prefix`, which ends with `/`; a copy.
    SortedMap<String, StoredRecord> list(String prefix);

    /// The first names that begin with `prefix`, up to `limit`, in order.
    List<String> names(String prefix, int limit);

    /// How many records have a name that begins with `prefix`, which ends with a slash.
    int count(String prefix);

    /// How many entries the transparency log has.
    long logSize();
}
