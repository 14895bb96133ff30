package s3ml.client;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// A named tensor: row-major, little-endian, as it travels. Immutable if nobody changes the memory it was made of.
///
/// Tensors are made of the caller's memory without copying it: he must not change it while a call is under way. Both
/// heap and native memory will do; native memory must stay alive until the call has ended.
public final class Tensor {
    private final String name;
    private final Datatype datatype;
    private final List<Long> shape;
    private final ByteBuffer data;

    private Tensor(String name, Datatype datatype, List<Long> shape, ByteBuffer data) {
        this.name = name;
        this.datatype = datatype;
        this.shape = List.copyOf(shape);
        this.data = data;
    }

    /// A tensor of the remaining bytes of `data`.
    ///
    /// @param shape every dimension ≥ 0; their product times the element's size is the number of bytes, except for
    /// BYTES
    public static Tensor of(String name, Datatype datatype, List<Long> shape, ByteBuffer data) {
        long elements = elements(shape);
        long expected = Math.multiplyExact(elements, (long) datatype.elementBytes());
        if (datatype != Datatype.BYTES && expected != data.remaining()) {
            throw new IllegalArgumentException("tensor \"" + name + "\" of " + datatype + shape + " has " + expected
                    + " bytes, not " + data.remaining());
        }
        return new Tensor(name, datatype, shape, data.asReadOnlyBuffer());
    }

    /// A tensor of 32-bit floats; the values are copied into little-endian order.
    public static Tensor ofFloats(String name, List<Long> shape, float[] values) {
        ByteBuffer data = ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
                .order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return of(name, Datatype.FP32, shape, data);
    }

    /// The product of all dimensions.
    static long elements(List<Long> shape) {
        long product = 1;
        for (long dimension : shape) {
            if (dimension < 0) {
                throw new IllegalArgumentException("shape " + shape + " has a negative dimension");
            }
            product = Math.multiplyExact(product, dimension);
        }
        return product;
    }

    public String name() {
        return name;
    }

    public Datatype datatype() {
        return datatype;
    }

    public List<Long> shape() {
        return shape;
    }

    /// The bytes, read-only, in little-endian order; not copied.
    public ByteBuffer data() {
        return data.asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /// The values of an FP32 tensor, copied.
    public float[] floats() {
        if (datatype != Datatype.FP32) {
            throw new IllegalStateException("tensor \"" + name + "\" holds " + datatype + ", not FP32");
        }
        float[] values = new float[data.remaining() / Float.BYTES];
        data().asFloatBuffer().get(values);
        return values;
    }

    @Override
    public String toString() {
        return name + " " + datatype + shape;
    }
}
