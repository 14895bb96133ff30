package s3ml.aecs.state;

/// One transaction under way: sees the state and its own changes, which take effect all together or not at all.
///
/// The function that works on it can run several times (another replica may have been quicker), so it must have no
/// other effects. Not for use outside that function.
public interface StateChange extends StateView {
    /// Writes the record; the version it will have is the result.
    long put(String name, byte[] content);

    /// Deletes the record, which need not exist.
    void delete(String name);

    /// Appends an entry to the transparency log; the index it will have is the result.
    long log(byte[] entry);
}
