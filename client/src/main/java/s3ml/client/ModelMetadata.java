package s3ml.client;

import java.util.List;

/// The inputs and outputs of a model, as the server states them.
///
/// @param versions those that can be asked for
/// @param platform for example `tensorflow_lite`
public record ModelMetadata(
        String name, List<String> versions, String platform, List<TensorInfo> inputs, List<TensorInfo> outputs) {
    public ModelMetadata {
        versions = List.copyOf(versions);
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
    }

    /// One tensor.
    ///
    /// @param shape -1 for a free dimension
    public record TensorInfo(String name, Datatype datatype, List<Long> shape) {
        public TensorInfo {
            shape = List.copyOf(shape);
        }
    }
}
