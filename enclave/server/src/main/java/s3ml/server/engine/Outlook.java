package s3ml.server.engine;

/// What a request that comes now would find before it.
///
/// @param room requests of the usual size that would still be taken, ≥ 0
/// @param idle whether nothing waits and nothing runs
/// @param waitNanos until what waits now will have been answered, by the last runs; ≥ 0
/// @param eachNanos that each request more adds to it; 0 before the first run
/// @param longestWaitNanos that any model allows; [Long#MAX_VALUE] where one has no bound
public record Outlook(int room, boolean idle, long waitNanos, long eachNanos, long longestWaitNanos) {
    /// The same, but nothing would be taken.
    public Outlook withoutRoom() {
        return new Outlook(0, idle, waitNanos, eachNanos, longestWaitNanos);
    }

    /// The same, but not idle.
    public Outlook busy() {
        return new Outlook(room, false, waitNanos, eachNanos, longestWaitNanos);
    }
}
