package s3ml.server.engine;

/// Where a request's answer goes. Exactly one of the two methods is called, once, from any thread; it must not block.
public interface Answer {
    void succeed(InferenceResult result);

    void refuse(RequestRefused refused);

    /// Whether nobody waits any more; asked before the model is run.
    default boolean abandoned() {
        return false;
    }
}
