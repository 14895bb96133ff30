package s3ml.server.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import s3ml.server.engine.Elements;
import s3ml.server.engine.Fault;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.RequestRefused;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.OutputTensor;
import s3ml.server.tensor.Shape;

/// Tensor contents as JSON arrays, flat or nested as the shape is, row-major.
///
/// JSON has no NaN and no infinities: they are written and read as the strings "NaN", "Infinity" and "-Infinity".
final class TensorJson {
    private TensorJson() {}

    /// Reads the array that `parser` stands at.
    ///
    /// @param documentBytes size of the whole document, which bounds how many elements it can hold
    /// @param heap of which the contents take what they need
    static byte[] read(JsonParser parser, DataType type, Shape shape, int documentBytes, HeapBudget.Share heap)
            throws IOException {
        long elements = shape.elements();
        // Each element takes one character and a comma at least: a shape that promises more is not believed.
        if (elements < 0 || elements > documentBytes / 2 + 1) {
            throw wrongSize(shape);
        }
        if (type == DataType.BYTES) {
            return readStrings(parser, shape, elements, heap);
        }
        heap.take(elements * type.elementSize());
        ByteBuffer out = ByteBuffer.allocate(Math.toIntExact(elements * type.elementSize()))
                .order(ByteOrder.LITTLE_ENDIAN);
        int depth = 0;
        do {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.START_ARRAY) {
                depth++;
            } else if (token == JsonToken.END_ARRAY) {
                depth--;
            } else {
                if (!out.hasRemaining()) {
                    throw wrongSize(shape);
                }
                put(parser, token, type, out);
            }
        } while (depth > 0 && parser.nextToken() != null);
        if (out.hasRemaining()) {
            throw wrongSize(shape);
        }
        return out.array();
    }

    private static byte[] readStrings(JsonParser parser, Shape shape, long elements, HeapBudget.Share heap)
            throws IOException {
        HeapBytes out = new HeapBytes(heap);
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int depth = 0;
        long count = 0;
        do {
            JsonToken token = parser.currentToken();
            if (token == JsonToken.START_ARRAY) {
                depth++;
            } else if (token == JsonToken.END_ARRAY) {
                depth--;
            } else if (token == JsonToken.VALUE_STRING) {
                byte[] text = parser.getText().getBytes(StandardCharsets.UTF_8);
                out.write(length.clear().putInt(text.length).array());
                out.write(text);
                count++;
            } else {
                throw wrongElement(token, DataType.BYTES);
            }
        } while (depth > 0 && parser.nextToken() != null);
        if (count != elements) {
            throw wrongSize(shape);
        }
        return out.toByteArray();
    }

    /// Appends the scalar that `parser` stands at.
    static void put(JsonParser parser, JsonToken token, DataType type, ByteBuffer out) throws IOException {
        switch (type) {
            case FP32 -> out.putFloat(number(parser, token, type));
            case FP64 -> out.putDouble(token.isNumeric() ? parser.getDoubleValue() : notFinite(parser, token, type));
            case FP16 -> out.putShort(Float.floatToFloat16(number(parser, token, type)));
            case BF16 -> out.putShort(bfloat16(number(parser, token, type)));
            case BOOL ->
                out.put((byte)
                        (token == JsonToken.VALUE_TRUE
                                ? 1
                                : token == JsonToken.VALUE_FALSE ? 0 : integer(parser, token, type, 0, 1)));
            case INT8 -> out.put((byte) integer(parser, token, type, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT8 -> out.put((byte) integer(parser, token, type, 0, 0xFF));
            case INT16 -> out.putShort((short) integer(parser, token, type, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT16 -> out.putShort((short) integer(parser, token, type, 0, 0xFFFF));
            case INT32 -> out.putInt((int) integer(parser, token, type, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT32 -> out.putInt((int) integer(parser, token, type, 0, 0xFFFF_FFFFL));
            case INT64 -> out.putLong(integer(parser, token, type, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> out.putLong(unsigned(parser, token));
            case BYTES -> throw new AssertionError(type);
        }
    }

    private static float number(JsonParser parser, JsonToken token, DataType type) throws IOException {
        return token.isNumeric() ? parser.getFloatValue() : (float) notFinite(parser, token, type);
    }

    private static double notFinite(JsonParser parser, JsonToken token, DataType type) throws IOException {
        String text = token == JsonToken.VALUE_STRING ? parser.getText() : "";
        return switch (text) {
            case "NaN" -> Double.NaN;
            case "Infinity" -> Double.POSITIVE_INFINITY;
            case "-Infinity" -> Double.NEGATIVE_INFINITY;
            default -> throw wrongElement(token, type);
        };
    }

    /// Rounded to the nearest, ties to even, as hardware does.
    static short bfloat16(float value) {
        int bits = Float.floatToIntBits(value);
        if (Float.isNaN(value)) {
            return (short) ((bits >>> 16) | 0x40);
        }
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }

    private static long integer(JsonParser parser, JsonToken token, DataType type, long least, long most)
            throws IOException {
        if (token != JsonToken.VALUE_NUMBER_INT || parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            throw wrongElement(token, type);
        }
        long value = parser.getLongValue();
        if (value < least || value > most) {
            throw new RequestRefused(Fault.WRONG_SIZE, "the number " + value + " is not a " + type);
        }
        return value;
    }

    private static long unsigned(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_NUMBER_INT
                || parser.getBigIntegerValue().signum() < 0
                || parser.getBigIntegerValue().bitLength() > Long.SIZE) {
            throw wrongElement(token, DataType.UINT64);
        }
        return parser.getBigIntegerValue().longValue();
    }

    private static RequestRefused wrongElement(JsonToken token, DataType type) {
        return new RequestRefused(Fault.WRONG_SIZE, "the data of a " + type + " tensor hold a " + token);
    }

    private static RequestRefused wrongSize(Shape shape) {
        return new RequestRefused(Fault.WRONG_SIZE, "the data do not fill the shape " + shape);
    }

    /// Writes all elements as one flat array.
    static void write(JsonGenerator generator, OutputTensor output) throws IOException {
        generator.writeStartArray();
        if (output.type() == DataType.BYTES) {
            ByteBuffer data = output.data();
            while (data.hasRemaining()) {
                generator.writeString(text(data));
            }
        } else {
            int count = output.data().remaining() / output.type().elementSize();
            writeNumbers(generator, output.type(), new Elements(output.type(), output.data()), 0, count);
        }
        generator.writeEndArray();
    }

    /// The next string of a protocol layout.
    static String text(ByteBuffer data) {
        byte[] text = new byte[data.getInt()];
        data.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /// Writes some elements of fixed size, without brackets.
    static void writeNumbers(JsonGenerator generator, DataType type, Elements elements, int from, int count)
            throws IOException {
        for (int i = from; i < from + count; i++) {
            switch (type) {
                case BOOL -> generator.writeBoolean(elements.asLong(i) != 0);
                case UINT64 -> generator.writeRawValue(Long.toUnsignedString(elements.asLong(i)));
                case FP16, BF16, FP32 -> generator.writeNumber((float) elements.asDouble(i));
                case FP64 -> generator.writeNumber(elements.asDouble(i));
                case UINT8, UINT16, UINT32, INT8, INT16, INT32, INT64 -> generator.writeNumber(elements.asLong(i));
                case BYTES -> throw new AssertionError(type);
            }
        }
    }
}
