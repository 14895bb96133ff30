package s3ml.server.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/// One output of a model.
///
/// @param data row-major, little-endian; [DataType#BYTES] elements each behind their 4-byte length; not written any
/// more
public record OutputTensor(String name, DataType type, Shape shape, ByteBuffer data) {
    public OutputTensor {
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(type, "type");
        Objects.requireNonNull(shape, "shape");
        data = data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /// The contents, with a position of their own.
    @Override
    public ByteBuffer data() {
        return data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }
}
