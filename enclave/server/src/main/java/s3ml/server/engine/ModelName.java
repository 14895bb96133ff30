package s3ml.server.engine;

/// A model and, where it matters, its version; an empty version leaves the choice to the server's policy.
public record ModelName(String name, String version) {
    /// The same model, version to be chosen.
    public static ModelName anyVersionOf(String name) {
        return new ModelName(name, "");
    }

    @Override
    public String toString() {
        return version.isEmpty() ? name : name + ":" + version;
    }
}
