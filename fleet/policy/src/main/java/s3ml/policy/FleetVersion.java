package s3ml.policy;

/// What `--version` of the operator's commands prints. They import nothing of the enclaves, so whoever starts them, the
/// launcher or an image, states the release.
public final class FleetVersion {
    /// In picocli's words: the system property, or that there is none.
    public static final String TEXT = "S3ML ${s3ml.version:-of an unknown release}";

    private FleetVersion() {}
}
