package s3ml.server.engine;

import java.util.List;
import s3ml.server.tensor.OutputTensor;

/// What a model answered.
///
/// @param model with the version that ran
/// @param receipt signed by this server; empty when none was asked for
public record InferenceResult(ModelName model, String id, List<OutputTensor> outputs, String receipt) {
    public InferenceResult {
        outputs = List.copyOf(outputs);
    }

    public InferenceResult withReceipt(String signed) {
        return new InferenceResult(model, id, outputs, signed);
    }
}
