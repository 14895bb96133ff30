package s3ml.server.grpc;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import s3ml.server.engine.Elements;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.OutputTensor;
import s3ml.server.tensor.Shape;
import s3ml.wire.inference.InferTensorContents;

/// Tensor contents as typed lists of a message, from and to raw bytes.
@SuppressWarnings("ByteBufferBackingArray") // every buffer here was allocated here
final class TensorMessages {
    private TensorMessages() {}

    /// The raw form of typed contents; a list of another type than the tensor's reads as missing.
    static byte[] data(DataType type, InferTensorContents contents) {
        return switch (type) {
            case BOOL -> {
                ByteBuffer out = buffer(contents.getBoolContentsCount(), type);
                contents.getBoolContentsList().forEach(value -> out.put((byte) (value ? 1 : 0)));
                yield out.array();
            }
            case INT8, INT16, INT32 -> integers(type, contents.getIntContentsList(), true);
            case UINT8, UINT16, UINT32 -> integers(type, contents.getUintContentsList(), false);
            case INT64 -> longs(type, contents.getInt64ContentsList());
            case UINT64 -> longs(type, contents.getUint64ContentsList());
            case FP32 -> {
                ByteBuffer out = buffer(contents.getFp32ContentsCount(), type);
                for (int i = 0; i < contents.getFp32ContentsCount(); i++) {
                    out.putFloat(contents.getFp32Contents(i));
                }
                yield out.array();
            }
            case FP64 -> {
                ByteBuffer out = buffer(contents.getFp64ContentsCount(), type);
                for (int i = 0; i < contents.getFp64ContentsCount(); i++) {
                    out.putDouble(contents.getFp64Contents(i));
                }
                yield out.array();
            }
            case BYTES -> strings(contents.getBytesContentsList());
            case FP16, BF16 ->
                throw new RequestRefused(Fault.WRONG_DATATYPE, type + " tensors travel in raw_input_contents only");
        };
    }

    private static byte[] integers(DataType type, List<Integer> values, boolean signed) {
        ByteBuffer out = buffer(values.size(), type);
        int bits = 8 * type.elementSize();
        for (int value : values) {
            long wide = signed ? value : Integer.toUnsignedLong(value);
            long least = signed ? -(1L << (bits - 1)) : 0;
            long most = signed ? (1L << (bits - 1)) - 1 : (1L << bits) - 1;
            if (wide < least || wide > most) {
                throw new RequestRefused(Fault.WRONG_SIZE, "the number " + wide + " is not a " + type);
            }
            switch (type.elementSize()) {
                case 1 -> out.put((byte) value);
                case 2 -> out.putShort((short) value);
                default -> out.putInt(value);
            }
        }
        return out.array();
    }

    private static byte[] longs(DataType type, List<Long> values) {
        ByteBuffer out = buffer(values.size(), type);
        values.forEach(out::putLong);
        return out.array();
    }

    private static byte[] strings(List<ByteString> values) {
        int size =
                values.stream().mapToInt(value -> value.size() + Integer.BYTES).sum();
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        for (ByteString value : values) {
            out.putInt(value.size());
            value.copyTo(out);
        }
        return out.array();
    }

    private static ByteBuffer buffer(int count, DataType type) {
        return ByteBuffer.allocate(Math.multiplyExact(count, type.elementSize()))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Whether the protocol has no typed list for it.
    static boolean isRawOnly(DataType type) {
        return type == DataType.FP16 || type == DataType.BF16;
    }

    /// Typed contents of an output that is not [#isRawOnly].
    static InferTensorContents contents(OutputTensor output) {
        InferTensorContents.Builder contents = InferTensorContents.newBuilder();
        ByteBuffer data = output.data();
        if (output.type() == DataType.BYTES) {
            while (data.hasRemaining()) {
                byte[] text = new byte[data.getInt()];
                data.get(text);
                contents.addBytesContents(ByteString.copyFrom(text));
            }
            return contents.build();
        }
        Elements elements = new Elements(output.type(), data);
        int count = data.remaining() / output.type().elementSize();
        for (int i = 0; i < count; i++) {
            switch (output.type()) {
                case BOOL -> contents.addBoolContents(elements.asLong(i) != 0);
                case INT8, INT16, INT32 -> contents.addIntContents((int) elements.asLong(i));
                case UINT8, UINT16, UINT32 -> contents.addUintContents((int) elements.asLong(i));
                case INT64 -> contents.addInt64Contents(elements.asLong(i));
                case UINT64 -> contents.addUint64Contents(elements.asLong(i));
                case FP64 -> contents.addFp64Contents(elements.asDouble(i));
                case FP32 -> contents.addFp32Contents((float) elements.asDouble(i));
                case FP16, BF16, BYTES -> throw new AssertionError(output.type());
            }
        }
        return contents.build();
    }

    /// The shape of an input message.
    static Shape shape(List<Long> dims) {
        if (dims.size() > Shape.MAX_RANK) {
            throw new RequestRefused(Fault.WRONG_SHAPE, "a shape has " + dims.size() + " dimensions");
        }
        int[] shape = new int[dims.size()];
        for (int i = 0; i < shape.length; i++) {
            long dim = dims.get(i);
            if (dim < 0 || dim > Integer.MAX_VALUE) {
                throw new RequestRefused(Fault.WRONG_SHAPE, "a shape has the dimension " + dim);
            }
            shape[i] = (int) dim;
        }
        return Shape.of(shape);
    }
}
