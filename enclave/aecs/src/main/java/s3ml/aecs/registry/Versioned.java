package s3ml.aecs.registry;

/// A record's content with the version that changes of it must name.
public record Versioned<T>(long version, T value) {}
