package s3ml.server.tensor;

import java.util.Objects;

/// One input of a request, as the caller described it: nothing of it is checked against a model yet.
public record InputTensor(String name, DataType type, Shape shape, TensorData data) implements AutoCloseable {
    public InputTensor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(shape, "shape");
        Objects.requireNonNull(data, "data");
    }

    @Override
    public void close() {
        data.close();
    }
}
