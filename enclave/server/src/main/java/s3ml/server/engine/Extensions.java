package s3ml.server.engine;

import java.util.List;

/// What the server offers beside the core of the Open Inference Protocol, in Triton's words: clients look here before
/// they use an extension.
public final class Extensions {
    public static final List<String> NAMES = List.of(
            "classification",
            "model_configuration",
            "model_repository",
            "schedule_policy",
            "binary_tensor_data",
            "parameters",
            "statistics");

    /// How models are run, for metadata and configuration.
    public static final String PLATFORM = "tensorflow_lite";

    private Extensions() {}
}
