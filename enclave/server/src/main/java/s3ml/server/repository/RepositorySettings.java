package s3ml.server.repository;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/// How models are found and loaded.
///
/// @param packages where encrypted packages come from; not trusted
/// @param poll after which a package that was missing or refused is tried again; zero: only with a new lease
/// @param instances of each model, which may run side by side, > 0
/// @param threads of each instance's kernels, > 0
/// @param memoryBudget bytes that all models may take together; 0 for no limit
/// @param models settings by model name
public record RepositorySettings(
        PackageOrigin packages,
        Duration poll,
        int instances,
        int threads,
        long memoryBudget,
        Map<String, ModelSettings> models) {
    public RepositorySettings {
        models = Map.copyOf(models);
    }

    /// One instance of each model, packages in a folder, which is looked at with each new lease.
    public RepositorySettings(Path folder, int threads, long memoryBudget, Map<String, ModelSettings> models) {
        this(new PackageOrigin.Folder(folder), Duration.ZERO, 1, threads, memoryBudget, models);
    }

    ModelSettings of(String name) {
        return models.getOrDefault(name, ModelSettings.DEFAULT);
    }
}
