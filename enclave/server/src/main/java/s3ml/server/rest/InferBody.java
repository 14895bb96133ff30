package s3ml.server.rest;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import s3ml.server.engine.Fault;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.InferenceRequest.RequestedOutput;
import s3ml.server.engine.Parameters;
import s3ml.server.engine.RequestRefused;
import s3ml.server.tensor.BufferData;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorData;

/// Reads the body of an infer request: a JSON document and, by the binary tensor extension, raw tensors behind it in
/// the order of the inputs that name a `binary_data_size`. Members that the protocol does not name are passed over:
/// real clients send some.
final class InferBody {
    private static final byte[] NOTHING = {};

    /// More inputs or outputs than any model that this server can load has.
    private static final int MOST_TENSORS = 1024;

    /// Members of all objects together: a dozen for each tensor.
    private static final int MOST_MEMBERS = 16 * MOST_TENSORS;

    private byte[] json;
    private final ByteBuf binary;
    private final HeapBudget.Share heap;
    private final List<InputTensor> inputs = new ArrayList<>();
    private final List<RequestedOutput> outputs = new ArrayList<>();
    private final Map<String, Boolean> binaryOutputs = new HashMap<>();
    private Parameters parameters = Parameters.NONE;
    private String id = "";
    private int binaryAt;
    private int members;

    private InferBody(byte[] json, ByteBuf binary, HeapBudget.Share heap) {
        this.heap = heap;
        this.json = json;
        this.binary = binary;
        this.binaryAt = binary.readerIndex();
    }

    /// Reads the document in `json` and takes references to the parts of `binary` that it describes.
    ///
    /// @param heap of which contents in the document take what they need
    static InferBody read(byte[] json, ByteBuf binary, HeapBudget.Share heap) {
        InferBody body = new InferBody(json, binary, heap);
        boolean complete = false;
        try (JsonParser parser = JsonLimits.FACTORY.createParser(json)) {
            body.document(parser);
            complete = true;
            // The requests that wait need it no longer.
            body.json = NOTHING;
            return body;
        } catch (StreamConstraintsException tooMuch) {
            throw new RequestRefused(Fault.TOO_LARGE, "the JSON document is beyond the limits of depth or length");
        } catch (JsonParseException malformed) {
            throw new RequestRefused(
                    Fault.MALFORMED,
                    "the body is not JSON at byte " + malformed.getLocation().getByteOffset());
        } catch (IOException malformed) {
            throw new RequestRefused(Fault.MALFORMED, "the body is not the JSON document that the protocol demands");
        } finally {
            if (!complete) {
                body.inputs.forEach(InputTensor::close);
            }
        }
    }

    List<InputTensor> inputs() {
        return inputs;
    }

    List<RequestedOutput> outputs() {
        return outputs;
    }

    Parameters parameters() {
        return parameters;
    }

    String id() {
        return id;
    }

    /// Whether the caller wants this output raw.
    boolean wantsBinary(String output) {
        return binaryOutputs.getOrDefault(output, parameters.flag("binary_data_output"));
    }

    private void document(JsonParser parser) throws IOException {
        expect(parser.nextToken(), JsonToken.START_OBJECT, "the document");
        while (member(parser)) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "id" -> id = text(parser, "id");
                case "inputs" -> list(parser, "inputs", this::input);
                case "outputs" -> list(parser, "outputs", this::output);
                case "parameters" -> parameters = parameters(parser);
                default -> skip(parser);
            }
        }
        if (parser.nextToken() != null) {
            throw new RequestRefused(Fault.MALFORMED, "the body goes on after the JSON document");
        }
        if (binaryAt != binary.writerIndex()) {
            throw new RequestRefused(
                    Fault.WRONG_BINARY, (binary.writerIndex() - binaryAt) + " bytes follow the last tensor");
        }
    }

    /// Whether another member follows. The parser remembers the names of an object, to find those that are given twice.
    private boolean member(JsonParser parser) throws IOException {
        return counted(parser.nextToken()) == JsonToken.FIELD_NAME;
    }

    private @Nullable JsonToken counted(@Nullable JsonToken token) {
        if (token == JsonToken.FIELD_NAME && ++members > MOST_MEMBERS) {
            throw new RequestRefused(Fault.TOO_LARGE, "more than " + MOST_MEMBERS + " members");
        }
        return token;
    }

    /// Passes over a value.
    private void skip(JsonParser parser) throws IOException {
        if (!parser.currentToken().isStructStart()) {
            return;
        }
        int depth = 1;
        while (depth > 0) {
            JsonToken token = counted(parser.nextToken());
            if (token == null) {
                throw new JsonParseException(parser, "the document ends in the middle of a value");
            }
            depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
        }
    }

    private interface Entry {
        void read(JsonParser parser) throws IOException;
    }

    private static void list(JsonParser parser, String name, Entry entry) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY, name);
        int count = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            expect(parser.currentToken(), JsonToken.START_OBJECT, "an entry of " + name);
            if (++count > MOST_TENSORS) {
                throw new RequestRefused(Fault.TOO_LARGE, "more than " + MOST_TENSORS + " " + name);
            }
            entry.read(parser);
        }
    }

    private void input(JsonParser parser) throws IOException {
        Draft draft = new Draft();
        while (member(parser)) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "name" -> draft.name = text(parser, "name");
                case "datatype" -> draft.type = datatype(text(parser, "datatype"));
                case "shape" -> draft.shape = shape(parser);
                case "parameters" -> draft.parameters = parameters(parser);
                case "data" -> data(parser, draft);
                default -> skip(parser);
            }
        }
        finish(draft);
    }

    /// An input of which not all members were read yet.
    private static final class Draft {
        private @Nullable String name;
        private @Nullable DataType type;
        private @Nullable Shape shape;
        private Parameters parameters = Parameters.NONE;
        private byte @Nullable [] data;
        private int dataAt = -1;
    }

    /// Reads contents at once when their type and shape are known, else remembers where they are.
    private void data(JsonParser parser, Draft draft) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY, "data");
        if (draft.type != null && draft.shape != null) {
            draft.data = TensorJson.read(parser, draft.type, draft.shape, json.length, heap);
        } else {
            // The parser stands just behind the bracket.
            draft.dataAt = Math.toIntExact(parser.currentLocation().getByteOffset()) - 1;
            skip(parser);
        }
    }

    private void finish(Draft draft) throws IOException {
        if (draft.name == null || draft.type == null || draft.shape == null) {
            throw new RequestRefused(Fault.WRONG_INPUTS, "an input lacks name, datatype or shape");
        }
        if (draft.parameters.has("shared_memory_region")) {
            throw new RequestRefused(Fault.NOT_OFFERED, "shared memory would leave the enclave");
        }
        byte[] data = draft.data;
        if (data == null && draft.dataAt >= 0) {
            try (JsonParser again = JsonLimits.FACTORY.createParser(json, draft.dataAt, json.length - draft.dataAt)) {
                again.nextToken();
                data = TensorJson.read(again, draft.type, draft.shape, json.length, heap);
            }
        }
        TensorData contents = data == null ? binary(draft.name, draft.parameters) : TensorData.of(data);
        inputs.add(new InputTensor(draft.name, draft.type, draft.shape, contents));
    }

    private TensorData binary(String name, Parameters parameters) {
        long size = parameters
                .number("binary_data_size")
                .orElseThrow(() -> new RequestRefused(
                        Fault.WRONG_INPUTS, "input " + RequestRefused.quoted(name) + " has no data"));
        if (size < 0 || size > binary.writerIndex() - binaryAt) {
            throw new RequestRefused(
                    Fault.WRONG_BINARY,
                    "input " + RequestRefused.quoted(name) + " announces " + size + " bytes, "
                            + (binary.writerIndex() - binaryAt) + " are left");
        }
        ByteBuf part = binary.retainedSlice(binaryAt, (int) size);
        binaryAt += (int) size;
        return new BufferData(part);
    }

    private void output(JsonParser parser) throws IOException {
        String name = "";
        Parameters wanted = Parameters.NONE;
        while (member(parser)) {
            String member = parser.currentName();
            parser.nextToken();
            switch (member) {
                case "name" -> name = text(parser, "name");
                case "parameters" -> wanted = parameters(parser);
                default -> skip(parser);
            }
        }
        if (wanted.has("binary_data")) {
            binaryOutputs.put(name, wanted.flag("binary_data"));
        }
        outputs.add(new RequestedOutput(name, wanted.classes()));
    }

    private Parameters parameters(JsonParser parser) throws IOException {
        expect(parser.currentToken(), JsonToken.START_OBJECT, "parameters");
        Map<String, Object> values = new HashMap<>();
        while (member(parser)) {
            String name = parser.currentName();
            JsonToken token = parser.nextToken();
            Object value = switch (token) {
                case VALUE_TRUE -> true;
                case VALUE_FALSE -> false;
                case VALUE_NUMBER_INT -> parser.getLongValue();
                case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
                case VALUE_STRING -> parser.getText();
                default ->
                    throw new RequestRefused(
                            Fault.WRONG_PARAMETER,
                            "parameter " + RequestRefused.quoted(name) + " is neither text, number nor boolean");
            };
            values.put(name, value);
        }
        return new Parameters(values);
    }

    private static Shape shape(JsonParser parser) throws IOException {
        expect(parser.currentToken(), JsonToken.START_ARRAY, "shape");
        int[] dims = new int[Shape.MAX_RANK];
        int rank = 0;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() != JsonToken.VALUE_NUMBER_INT || rank == Shape.MAX_RANK) {
                throw new RequestRefused(Fault.WRONG_SHAPE, "a shape is a list of at most 16 whole numbers");
            }
            long dim = parser.getLongValue();
            if (dim < 0 || dim > Integer.MAX_VALUE) {
                throw new RequestRefused(Fault.WRONG_SHAPE, "a shape has the dimension " + dim);
            }
            dims[rank++] = (int) dim;
        }
        return Shape.of(java.util.Arrays.copyOf(dims, rank));
    }

    static DataType datatype(String name) {
        return DataType.named(name)
                .orElseThrow(() -> new RequestRefused(
                        Fault.WRONG_DATATYPE, "there is no datatype " + RequestRefused.quoted(name)));
    }

    private static String text(JsonParser parser, String name) throws IOException {
        expect(parser.currentToken(), JsonToken.VALUE_STRING, name);
        return parser.getText();
    }

    private static void expect(@Nullable JsonToken token, JsonToken wanted, String what) throws StreamReadException {
        if (token != wanted) {
            throw new RequestRefused(Fault.MALFORMED, what + " is not a " + wanted);
        }
    }
}
