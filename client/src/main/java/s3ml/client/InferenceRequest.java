package s3ml.client;

import java.util.List;

/// What a model is asked.
///
/// @param model model name
/// @param version model version; empty: the one that the server's policy chooses
/// @param id repeated in the response; may be empty
/// @param inputs at least one
/// @param outputs names of the wanted outputs; empty: all
public record InferenceRequest(String model, String version, String id, List<Tensor> inputs, List<String> outputs) {
    public InferenceRequest {
        if (model.isEmpty()) {
            throw new IllegalArgumentException("model must not be empty");
        }
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        if (inputs.isEmpty()) {
            throw new IllegalArgumentException("inputs must not be empty");
        }
    }

    /// A request for all outputs of the version that the server chooses.
    public static InferenceRequest of(String model, Tensor... inputs) {
        return new InferenceRequest(model, "", "", List.of(inputs), List.of());
    }
}
