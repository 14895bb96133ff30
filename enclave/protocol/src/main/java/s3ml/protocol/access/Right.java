package s3ml.protocol.access;

/// What a caller may be allowed to do with a model.
public enum Right {
    /// Run it, and read what it is: metadata, configuration, readiness, statistics.
    INFER,
    /// Load and unload it.
    CONTROL
}
