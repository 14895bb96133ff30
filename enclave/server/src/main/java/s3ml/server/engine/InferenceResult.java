package s3ml.server.engine;

import java.util.List;
import s3ml.server.tensor.OutputTensor;

/// What a model answered.
///
/// @param model with the version that ran
public record InferenceResult(ModelName model, String id, List<OutputTensor> outputs) {
    public InferenceResult {
        outputs = List.copyOf(outputs);
    }
}
