package s3ml.server.repository;

import java.util.Map;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.WarmUp;

/// How one model is served.
///
/// @param versions which of the released versions are loaded
/// @param batching how requests share a run
/// @param warmUp runs before a version is ready
/// @param labels names that stand for versions in TensorFlow Serving's paths, for example `stable`
/// @param canary share of the requests that name no version, by version; empty for all to the newest
public record ModelSettings(
        VersionPolicy versions,
        ModelSpec.Batching batching,
        WarmUp.Plan warmUp,
        Map<String, String> labels,
        Map<String, Integer> canary) {
    /// The newest version, one request a run, one run to warm up.
    public static final ModelSettings DEFAULT =
            new ModelSettings(new VersionPolicy.Latest(1), ModelSpec.Batching.OFF, 1, Map.of(), Map.of());

    public ModelSettings {
        labels = Map.copyOf(labels);
        canary = Map.copyOf(canary);
        if (canary.values().stream().anyMatch(weight -> weight < 0)) {
            throw new IllegalArgumentException("canary weights must not be negative");
        }
    }

    /// With runs on zeros to warm up.
    public ModelSettings(
            VersionPolicy versions,
            ModelSpec.Batching batching,
            int warmUpRuns,
            Map<String, String> labels,
            Map<String, Integer> canary) {
        this(versions, batching, new WarmUp.Plan(warmUpRuns, Map.of()), labels, canary);
    }
}
