package s3ml.operator.resource;

/// The API group of every custom resource, and the prefix of every label, annotation and readiness gate.
public final class ApiGroup {
    /// `.internal` is reserved for private use, so that the name can never belong to somebody else.
    public static final String NAME = "s3ml.internal";

    public static final String VERSION = "v1alpha1";

    private ApiGroup() {}
}
