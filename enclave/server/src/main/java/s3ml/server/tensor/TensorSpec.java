package s3ml.server.tensor;

import java.util.Objects;

/// What a model declares about one input or output.
///
/// @param shape declared shape; -1 where the model leaves a dimension free
public record TensorSpec(String name, DataType type, Shape shape) {
    public TensorSpec {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(shape, "shape");
    }
}
