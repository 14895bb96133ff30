package s3ml.server.rest;

import com.fasterxml.jackson.core.JsonGenerator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import s3ml.protocol.receipt.InferenceReceipt;
import s3ml.server.engine.InferenceResult;
import s3ml.server.tensor.OutputTensor;

/// Writes the body of an infer response: a JSON document and, by the binary tensor extension, raw tensors behind it.
final class InferReply {
    static final String HEADER_LENGTH = "inference-header-content-length";

    private InferReply() {}

    /// @param binary which outputs the caller wants raw
    static RestReply write(InferenceResult result, Predicate<String> binary) {
        List<ByteBuf> parts = new ArrayList<>();
        ByteBuf document = Unpooled.buffer(512);
        parts.add(document);
        try (JsonGenerator generator =
                JsonLimits.FACTORY.createGenerator((OutputStream) new ByteBufOutputStream(document))) {
            generator.writeStartObject();
            generator.writeStringField("model_name", result.model().name());
            generator.writeStringField("model_version", result.model().version());
            if (!result.id().isEmpty()) {
                generator.writeStringField("id", result.id());
            }
            if (!result.receipt().isEmpty()) {
                generator.writeObjectFieldStart("parameters");
                generator.writeStringField(InferenceReceipt.RECEIPT_PARAMETER, result.receipt());
                generator.writeEndObject();
            }
            generator.writeArrayFieldStart("outputs");
            for (OutputTensor output : result.outputs()) {
                boolean raw = binary.test(output.name());
                writeOutput(generator, output, raw);
                if (raw) {
                    parts.add(Unpooled.wrappedBuffer(output.data()));
                }
            }
            generator.writeEndArray();
            generator.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        if (parts.size() == 1) {
            return new RestReply(200, RestReply.JSON, document, Map.of());
        }
        String length = Integer.toString(document.readableBytes());
        ByteBuf body = Unpooled.wrappedBuffer(parts.size(), parts.toArray(new ByteBuf[0]));
        return new RestReply(200, RestReply.BINARY, body, Map.of(HEADER_LENGTH, length));
    }

    private static void writeOutput(JsonGenerator generator, OutputTensor output, boolean raw) throws IOException {
        generator.writeStartObject();
        generator.writeStringField("name", output.name());
        generator.writeStringField("datatype", output.type().name());
        generator.writeFieldName("shape");
        int[] dims = output.shape().dims();
        generator.writeArray(dims, 0, dims.length);
        if (raw) {
            generator.writeObjectFieldStart("parameters");
            generator.writeNumberField("binary_data_size", output.data().remaining());
            generator.writeEndObject();
        } else {
            generator.writeFieldName("data");
            TensorJson.write(generator, output);
        }
        generator.writeEndObject();
    }
}
