package s3ml.client;

import java.util.List;
import java.util.Optional;

/// What a model answered.
///
/// @param model model name
/// @param version the version that ran
/// @param id that of the request
/// @param outputs in the server's order
/// @param receipt as the enclave signed it ([s3ml.protocol.receipt.InferenceReceipt]); empty if none was asked for
public record InferenceResponse(String model, String version, String id, List<Tensor> outputs, String receipt) {
    public InferenceResponse {
        outputs = List.copyOf(outputs);
    }

    /// The output of this name.
    public Optional<Tensor> output(String name) {
        return outputs.stream().filter(tensor -> tensor.name().equals(name)).findFirst();
    }
}
