package s3ml.server.repository;

import java.nio.file.Path;
import java.util.Map;

/// How models are found and loaded.
///
/// @param packages untrusted folder of encrypted packages
/// @param threads of each model's kernels, > 0
/// @param memoryBudget bytes that all models may take together; 0 for no limit
/// @param models settings by model name
public record RepositorySettings(Path packages, int threads, long memoryBudget, Map<String, ModelSettings> models) {
    public RepositorySettings {
        models = Map.copyOf(models);
    }

    ModelSettings of(String name) {
        return models.getOrDefault(name, ModelSettings.DEFAULT);
    }
}
