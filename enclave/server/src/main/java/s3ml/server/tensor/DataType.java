package s3ml.server.tensor;

import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// An element type of the Open Inference Protocol that TensorFlow Lite has too.
public enum DataType {
    BOOL(1, 6),
    UINT8(1, 3),
    UINT16(2, 17),
    UINT32(4, 16),
    UINT64(8, 13),
    INT8(1, 9),
    INT16(2, 7),
    INT32(4, 2),
    INT64(8, 4),
    FP16(2, 10),
    BF16(2, 19),
    FP32(4, 1),
    FP64(8, 11),
    /// Byte strings of any length; in a request each behind its length.
    BYTES(0, 5);

    private static final Map<String, DataType> BY_NAME =
            Stream.of(values()).collect(Collectors.toUnmodifiableMap(Enum::name, type -> type));

    private final int elementSize;
    private final int tfLiteCode;

    DataType(int elementSize, int tfLiteCode) {
        this.elementSize = elementSize;
        this.tfLiteCode = tfLiteCode;
    }

    /// Bytes of one element; 0 for [#BYTES].
    public int elementSize() {
        return elementSize;
    }

    /// The type that the protocol calls `name`, exactly.
    public static Optional<DataType> named(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    /// The type with TensorFlow Lite's number (`TfLiteType` in c_api_types.h); empty for complex, resource, variant and
    /// 4-bit tensors, which the protocol cannot carry.
    public static Optional<DataType> ofTfLite(int code) {
        for (DataType type : values()) {
            if (type.tfLiteCode == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
