package s3ml.client;

import java.util.List;
import java.util.Optional;

/// What a model answered.
///
/// @param model model name
/// @param version the version that ran
/// @param id that of the request
/// @param outputs in the server's order
public record InferenceResponse(String model, String version, String id, List<Tensor> outputs) {
    public InferenceResponse {
        outputs = List.copyOf(outputs);
    }

    /// The output of this name.
    public Optional<Tensor> output(String name) {
        return outputs.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
    }
}
