package s3ml.server.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Locale;
import s3ml.server.tensor.DataType;

/// Single elements of a tensor of fixed element size, as numbers.
public final class Elements {
    private final DataType type;
    private final ByteBuffer data;

    /// @param data row-major, little-endian, from its position on
    public Elements(DataType type, ByteBuffer data) {
        if (type == DataType.BYTES) {
            throw new IllegalArgumentException("strings are no numbers");
        }
        this.type = type;
        this.data = data.slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Whether the elements are floating-point numbers.
    public boolean floating() {
        return switch (type) {
            case FP16, BF16, FP32, FP64 -> true;
            case BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, BYTES -> false;
        };
    }

    /// Of an integer or boolean element; UINT64 as its two's complement.
    public long asLong(int index) {
        return switch (type) {
            case BOOL, UINT8 -> Byte.toUnsignedLong(data.get(index));
            case INT8 -> data.get(index);
            case UINT16 -> Short.toUnsignedLong(data.getShort(2 * index));
            case INT16 -> data.getShort(2 * index);
            case UINT32 -> Integer.toUnsignedLong(data.getInt(4 * index));
            case INT32 -> data.getInt(4 * index);
            case UINT64, INT64 -> data.getLong(8 * index);
            case FP16, BF16, FP32, FP64, BYTES -> (long) asDouble(index);
        };
    }

    /// Of any element.
    public double asDouble(int index) {
        return switch (type) {
            case FP16 -> Float.float16ToFloat(data.getShort(2 * index));
            case BF16 -> Float.intBitsToFloat(data.getShort(2 * index) << 16);
            case FP32 -> data.getFloat(4 * index);
            case FP64 -> data.getDouble(8 * index);
            case UINT64 -> unsigned(data.getLong(8 * index));
            case BOOL, UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64, BYTES -> asLong(index);
        };
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : 2.0 * (value >>> 1) + (value & 1);
    }

    /// The element in decimal; floating-point numbers with six places, as Triton prints them.
    String text(int index) {
        if (floating()) {
            return String.format(Locale.ROOT, "%f", asDouble(index));
        }
        return type == DataType.UINT64 ? Long.toUnsignedString(asLong(index)) : Long.toString(asLong(index));
    }
}
