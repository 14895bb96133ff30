package s3ml.lab.serve;

import java.nio.file.Path;

/// Where `deploy/test/components` keeps real components.
public final class ComponentCache {
    private ComponentCache() {}

    /// The folder of a component, which may not be there.
    public static Path folder(String component) {
        String cache = System.getenv().getOrDefault("S3ML_CACHE", System.getProperty("user.home") + "/.cache/s3ml");
        return Path.of(cache, "components", component);
    }
}
