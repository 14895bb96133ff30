package s3ml.server.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import s3ml.server.engine.Fault;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.RequestRefused;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.OutputTensor;
import s3ml.server.tensor.TensorSpec;

/// The body of TensorFlow Serving's `:predict`: by rows (`instances`, one after the other) or by columns (`inputs`).
final class PredictBody {
    private final ModelSpec spec;
    private final HeapBudget.Share heap;
    private final Map<String, NestedTensor> tensors = new LinkedHashMap<>();
    private boolean rows;
    private boolean found;
    private int instances;

    private PredictBody(ModelSpec spec, HeapBudget.Share heap) {
        this.heap = heap;
        this.spec = spec;
    }

    /// Reads a body for a model, whose datatypes the format leaves out.
    ///
    /// @param heap of which the values take what they need
    static PredictBody read(byte[] json, ModelSpec spec, HeapBudget.Share heap) {
        PredictBody body = new PredictBody(spec, heap);
        try (JsonParser parser = JsonLimits.FACTORY.createParser(json)) {
            body.document(parser);
            return body;
        } catch (StreamConstraintsException tooMuch) {
            throw new RequestRefused(Fault.TOO_LARGE, "the JSON document is beyond the limits of depth or length");
        } catch (JsonParseException malformed) {
            throw new RequestRefused(
                    Fault.MALFORMED,
                    "the body is not JSON at byte " + malformed.getLocation().getByteOffset());
        } catch (IOException malformed) {
            throw new RequestRefused(Fault.MALFORMED, "the body is not the JSON document that the protocol demands");
        }
    }

    private void document(JsonParser parser) throws IOException {
        if (parser.nextToken() != JsonToken.START_OBJECT) {
            throw new RequestRefused(Fault.MALFORMED, "the document is not an object");
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            switch (name) {
                case "signature_name" -> signature(parser);
                case "instances" -> instances(parser);
                case "inputs" -> columns(parser);
                default -> throw new RequestRefused(Fault.MALFORMED, "unknown member " + RequestRefused.quoted(name));
            }
        }
        if (parser.nextToken() != null) {
            throw new RequestRefused(Fault.MALFORMED, "the body goes on after the JSON document");
        }
        if (!found) {
            throw new RequestRefused(Fault.WRONG_INPUTS, "the request has neither instances nor inputs");
        }
    }

    private static void signature(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING
                || !(parser.getText().isEmpty() || parser.getText().equals("serving_default"))) {
            throw new RequestRefused(Fault.WRONG_INPUTS, "the model has no such signature");
        }
    }

    private void start(boolean asRows) {
        if (found) {
            throw new RequestRefused(Fault.MALFORMED, "instances and inputs exclude each other");
        }
        found = true;
        rows = asRows;
    }

    private void instances(JsonParser parser) throws IOException {
        start(true);
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw new RequestRefused(Fault.MALFORMED, "instances is not a list");
        }
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            valueOrObject(parser);
            instances++;
        }
        for (NestedTensor tensor : tensors.values()) {
            if (tensor.pieces() != instances) {
                throw new RequestRefused(Fault.WRONG_INPUTS, "an instance lacks an input that another has");
            }
        }
    }

    private void columns(JsonParser parser) throws IOException {
        start(false);
        valueOrObject(parser);
    }

    /// An object names inputs; a bare value is the only one.
    private void valueOrObject(JsonParser parser) throws IOException {
        boolean named = parser.currentToken() == JsonToken.START_OBJECT;
        if (!named) {
            if (spec.inputs().size() != 1) {
                throw new RequestRefused(Fault.WRONG_INPUTS, "inputs must be named, the model takes several");
            }
            tensor(spec.inputs().getFirst().name()).add(parser);
            return;
        }
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("b64") && spec.inputs().size() == 1) {
                throw new RequestRefused(Fault.WRONG_INPUTS, "a b64 value needs the name of its input");
            }
            tensor(name).add(parser);
        }
    }

    private NestedTensor tensor(String name) {
        NestedTensor known = tensors.get(name);
        if (known == null) {
            TensorSpec input = spec.inputs().stream()
                    .filter(tensor -> tensor.name().equals(name))
                    .findFirst()
                    .orElseThrow(() -> new RequestRefused(
                            Fault.WRONG_INPUTS,
                            "input " + RequestRefused.quoted(name) + " is not an input of the model"));
            known = new NestedTensor(input.type(), heap);
            tensors.put(name, known);
        }
        return known;
    }

    /// The inputs as tensors with shapes.
    List<InputTensor> inputs() {
        List<InputTensor> inputs = new ArrayList<>();
        tensors.forEach((name, tensor) -> inputs.add(rows ? tensor.stacked(name) : tensor.tensor(name)));
        return inputs;
    }

    /// The response in the request's own format.
    RestReply reply(InferenceResult result) {
        ByteBuf document = Unpooled.buffer(512);
        try (JsonGenerator generator =
                JsonLimits.FACTORY.createGenerator((OutputStream) new ByteBufOutputStream(document))) {
            generator.writeStartObject();
            generator.writeFieldName(rows ? "predictions" : "outputs");
            if (rows) {
                predictions(generator, result.outputs());
            } else {
                outputs(generator, result.outputs());
            }
            generator.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return new RestReply(200, RestReply.JSON, document, Map.of());
    }

    private static void outputs(JsonGenerator generator, List<OutputTensor> outputs) throws IOException {
        if (outputs.size() == 1) {
            new NestedTensor.Writer(generator, outputs.getFirst()).all();
            return;
        }
        generator.writeStartObject();
        for (OutputTensor output : outputs) {
            generator.writeFieldName(output.name());
            new NestedTensor.Writer(generator, output).all();
        }
        generator.writeEndObject();
    }

    private void predictions(JsonGenerator generator, List<OutputTensor> outputs) throws IOException {
        List<NestedTensor.Writer> writers = new ArrayList<>();
        for (OutputTensor output : outputs) {
            if (output.shape().rank() == 0 || output.shape().dim(0) != instances) {
                throw new RequestRefused(
                        Fault.WRONG_OUTPUT, "the model's outputs do not go by instance; send inputs by column");
            }
            writers.add(new NestedTensor.Writer(generator, output));
        }
        generator.writeStartArray();
        for (int i = 0; i < instances; i++) {
            if (outputs.size() == 1) {
                writers.getFirst().entry(i);
                continue;
            }
            generator.writeStartObject();
            for (int k = 0; k < outputs.size(); k++) {
                generator.writeFieldName(outputs.get(k).name());
                writers.get(k).entry(i);
            }
            generator.writeEndObject();
        }
        generator.writeEndArray();
    }
}
