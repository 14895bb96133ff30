package s3ml.server.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import s3ml.server.engine.Elements;
import s3ml.server.engine.Fault;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.RequestRefused;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.OutputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorData;

/// A tensor that is written as nested arrays without a shape, as TensorFlow Serving does: the nesting is the shape.
///
/// Values of one tensor may come in several pieces of equal shape, one an instance.
final class NestedTensor {
    private static final int UNKNOWN = -1;

    private final DataType type;
    private final HeapBytes bytes;
    private final ByteBuffer element = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final int[] dims = new int[Shape.MAX_RANK];
    private int rank = UNKNOWN;
    private int pieces;

    /// @param heap of which the values take what they need
    NestedTensor(DataType type, HeapBudget.Share heap) {
        this.bytes = new HeapBytes(heap);
        this.type = type;
        Arrays.fill(dims, UNKNOWN);
    }

    /// Reads one piece, which `parser` stands at.
    void add(JsonParser parser) throws IOException {
        value(parser, 0);
        pieces++;
    }

    /// How many pieces were read.
    int pieces() {
        return pieces;
    }

    private void value(JsonParser parser, int depth) throws IOException {
        JsonToken token = parser.currentToken();
        if (token != JsonToken.START_ARRAY) {
            if (rank == UNKNOWN) {
                rank = depth;
            }
            if (rank != depth) {
                throw ragged();
            }
            scalar(parser, token);
            return;
        }
        if (depth == Shape.MAX_RANK) {
            throw new RequestRefused(Fault.WRONG_SHAPE, "values are nested deeper than any tensor");
        }
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            value(parser, depth + 1);
            count++;
        }
        if (dims[depth] == UNKNOWN) {
            dims[depth] = count;
        }
        if (dims[depth] != count) {
            throw ragged();
        }
    }

    private void scalar(JsonParser parser, JsonToken token) throws IOException {
        if (type != DataType.BYTES) {
            element.clear();
            TensorJson.put(parser, token, type, element);
            bytes.write(element.array(), 0, element.position());
            return;
        }
        byte[] text = token == JsonToken.START_OBJECT ? base64(parser) : text(parser, token);
        bytes.write(element.clear().putInt(text.length).array(), 0, Integer.BYTES);
        bytes.write(text);
    }

    private static byte[] text(JsonParser parser, JsonToken token) throws IOException {
        if (token != JsonToken.VALUE_STRING) {
            throw new RequestRefused(Fault.WRONG_SIZE, "the values of a BYTES tensor hold a " + token);
        }
        return parser.getText().getBytes(StandardCharsets.UTF_8);
    }

    /// `{"b64": "..."}`
    private static byte[] base64(JsonParser parser) throws IOException {
        boolean named = parser.nextToken() == JsonToken.FIELD_NAME
                && parser.currentName().equals("b64")
                && parser.nextToken() == JsonToken.VALUE_STRING;
        if (!named) {
            throw new RequestRefused(Fault.WRONG_SIZE, "the only object that is a value has one member b64");
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(parser.getText());
        } catch (IllegalArgumentException malformed) {
            throw new RequestRefused(Fault.WRONG_SIZE, "a b64 value is not base64");
        }
        if (parser.nextToken() != JsonToken.END_OBJECT) {
            throw new RequestRefused(Fault.WRONG_SIZE, "the only object that is a value has one member b64");
        }
        return bytes;
    }

    private static RequestRefused ragged() {
        return new RequestRefused(Fault.WRONG_SHAPE, "values are nested unevenly, which is no tensor");
    }

    /// The tensor of one piece.
    InputTensor tensor(String name) {
        return new InputTensor(name, type, shape(), TensorData.of(bytes.toByteArray()));
    }

    /// The tensor of all pieces, stacked along a new first dimension.
    InputTensor stacked(String name) {
        int[] inner = shape().dims();
        if (inner.length == Shape.MAX_RANK) {
            throw new RequestRefused(Fault.WRONG_SHAPE, "values are nested deeper than any tensor");
        }
        int[] outer = new int[inner.length + 1];
        outer[0] = pieces;
        System.arraycopy(inner, 0, outer, 1, inner.length);
        return new InputTensor(name, type, Shape.of(outer), TensorData.of(bytes.toByteArray()));
    }

    private Shape shape() {
        // Without any scalar the innermost empty array ends the shape.
        int known = 0;
        while (known < dims.length && dims[known] != UNKNOWN) {
            known++;
        }
        return Shape.of(Arrays.copyOf(dims, rank == UNKNOWN ? known : rank));
    }

    /// Writes elements as nested arrays.
    static final class Writer {
        private final JsonGenerator generator;
        private final OutputTensor output;
        private final ByteBuffer data;

        Writer(JsonGenerator generator, OutputTensor output) {
            this.generator = generator;
            this.output = output;
            this.data = output.data();
        }

        /// The whole tensor.
        void all() throws IOException {
            nested(0, 0);
        }

        /// One entry of the first dimension; of strings entries must be asked for in order.
        void entry(int index) throws IOException {
            long stride = output.shape().elements() / output.shape().dim(0);
            nested(1, Math.toIntExact(stride * index));
        }

        private int nested(int level, int from) throws IOException {
            Shape shape = output.shape();
            if (level >= shape.rank()) {
                scalar(from, 1);
                return from + 1;
            }
            generator.writeStartArray();
            int at = from;
            if (level == shape.rank() - 1) {
                scalar(from, shape.dim(level));
                at += shape.dim(level);
            } else {
                for (int i = 0; i < shape.dim(level); i++) {
                    at = nested(level + 1, at);
                }
            }
            generator.writeEndArray();
            return at;
        }

        private void scalar(int from, int count) throws IOException {
            if (output.type() != DataType.BYTES) {
                TensorJson.writeNumbers(
                        generator, output.type(), new Elements(output.type(), output.data()), from, count);
                return;
            }
            for (int i = 0; i < count; i++) {
                if (output.name().endsWith("_bytes")) {
                    byte[] raw = new byte[data.getInt()];
                    data.get(raw);
                    generator.writeStartObject();
                    generator.writeStringField("b64", Base64.getEncoder().encodeToString(raw));
                    generator.writeEndObject();
                } else {
                    generator.writeString(TensorJson.text(data));
                }
            }
        }
    }
}
