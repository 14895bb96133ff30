package s3ml.client;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;
import s3ml.protocol.receipt.InferenceReceipt;

/// Bodies of the Open Inference Protocol v2 over REST: a JSON header, then the tensors' bytes, in order.
final class RestCodec {
    /// An answer that is text is cut to this many characters in messages.
    private static final int MAX_ERROR_CHARS = 300;

    private RestCodec() {}

    /// A request body in parts which are sent one after the other.
    record Body(int headerBytes, List<ByteBuffer> parts) {}

    static Body encode(InferenceRequest request, Duration timeout) {
        List<JsonValue> inputs = new ArrayList<>();
        List<ByteBuffer> parts = new ArrayList<>();
        for (Tensor tensor : request.inputs()) {
            ByteBuffer data = tensor.data();
            inputs.add(JsonObject.builder()
                    .put("name", tensor.name())
                    .put("datatype", tensor.datatype().name())
                    .put("shape", shape(tensor.shape()))
                    .put(
                            "parameters",
                            JsonObject.builder()
                                    .put("binary_data_size", data.remaining())
                                    .build())
                    .build());
            parts.add(data);
        }
        JsonObject.Builder header = JsonObject.builder();
        if (!request.id().isEmpty()) {
            header.put("id", request.id());
        }
        JsonObject.Builder parameters =
                JsonObject.builder().put("binary_data_output", true).put("timeout", timeout.toNanos() / 1_000);
        request.receiptSalt().ifPresent(salt -> parameters.put(InferenceReceipt.SALT_PARAMETER, salt.hex()));
        header.put("parameters", parameters.build()).put("inputs", new JsonArray(inputs));
        if (!request.outputs().isEmpty()) {
            header.put(
                    "outputs",
                    new JsonArray(
                            request.outputs().stream().map(RestCodec::output).toList()));
        }
        byte[] bytes = Json.write(header.build()).getBytes(StandardCharsets.UTF_8);
        parts.addFirst(ByteBuffer.wrap(bytes));
        return new Body(bytes.length, List.copyOf(parts));
    }

    private static JsonValue output(String name) {
        return JsonObject.builder()
                .put("name", name)
                .put("parameters", JsonObject.builder().put("binary_data", true).build())
                .build();
    }

    private static JsonArray shape(List<Long> shape) {
        return new JsonArray(shape.stream().<JsonValue>map(JsonNumber::of).toList());
    }

    static InferenceResponse decode(String peer, ByteBuffer body, int headerBytes) {
        if (headerBytes < 0 || headerBytes > body.remaining()) {
            throw TransportFault.protocol(
                    peer, "a header of " + headerBytes + " bytes in a body of " + body.remaining(), null);
        }
        try {
            JsonObject header = Json.parseObject(bytes(body.slice(body.position(), headerBytes)));
            ByteBuffer data = body.slice(body.position() + headerBytes, body.remaining() - headerBytes);
            List<Tensor> outputs = new ArrayList<>();
            for (JsonObject output : header.array("outputs").objects()) {
                outputs.add(tensor(output, data));
            }
            if (data.hasRemaining()) {
                throw TransportFault.protocol(peer, data.remaining() + " bytes belong to no output", null);
            }
            return new InferenceResponse(
                    header.string("model_name"),
                    header.optionalString("model_version").orElse(""),
                    header.optionalString("id").orElse(""),
                    outputs,
                    header.optionalObject("parameters")
                            .flatMap(given -> given.optionalString(InferenceReceipt.RECEIPT_PARAMETER))
                            .orElse(""));
        } catch (S3mlException e) {
            throw e.code().startsWith("CLI-") ? e : TransportFault.protocol(peer, String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException | ArithmeticException e) {
            throw TransportFault.protocol(peer, String.valueOf(e.getMessage()), e);
        }
    }

    /// Takes the output's bytes off the front of `data`.
    private static Tensor tensor(JsonObject output, ByteBuffer data) {
        long size = output.object("parameters").number("binary_data_size");
        if (size < 0 || size > data.remaining()) {
            throw new IllegalArgumentException(
                    "an output of " + size + " bytes where " + data.remaining() + " are left");
        }
        ByteBuffer bytes = data.slice(data.position(), (int) size);
        data.position(data.position() + (int) size);
        return Tensor.of(output.string("name"), Datatype.named(output.string("datatype")), shape(output), bytes);
    }

    private static List<Long> shape(JsonObject tensor) {
        return tensor.array("shape").items().stream().map(RestCodec::dimension).toList();
    }

    private static Long dimension(JsonValue value) {
        if (value instanceof JsonNumber number) {
            return number.toLong();
        }
        throw new IllegalArgumentException("a dimension is " + value.kind());
    }

    static ModelMetadata decodeMetadata(String peer, ByteBuffer body) {
        try {
            JsonObject metadata = Json.parseObject(bytes(body));
            return new ModelMetadata(
                    metadata.string("name"),
                    metadata.optionalArray("versions").map(JsonArray::strings).orElse(List.of()),
                    metadata.optionalString("platform").orElse(""),
                    tensors(metadata.array("inputs")),
                    tensors(metadata.array("outputs")));
        } catch (S3mlException e) {
            throw TransportFault.protocol(peer, String.valueOf(e.getMessage()), e);
        } catch (IllegalArgumentException e) {
            throw TransportFault.protocol(peer, String.valueOf(e.getMessage()), e);
        }
    }

    private static List<ModelMetadata.TensorInfo> tensors(JsonArray array) {
        return array.objects().stream()
                .map(tensor -> new ModelMetadata.TensorInfo(
                        tensor.string("name"), Datatype.named(tensor.string("datatype")), shape(tensor)))
                .toList();
    }

    /// What a refusing server says, for people.
    static String errorText(ByteBuffer body) {
        String text = new String(bytes(body), StandardCharsets.UTF_8);
        try {
            if (Json.parse(text) instanceof JsonObject object
                    && object.value("error").orElse(null) instanceof JsonString error) {
                text = error.value();
            }
        } catch (S3mlException ignored) {
            // Not JSON: the text itself is shown.
        }
        String shown = text.replaceAll("\\p{Cntrl}", " ");
        return shown.length() <= MAX_ERROR_CHARS ? shown : shown.substring(0, MAX_ERROR_CHARS) + "…";
    }

    private static byte[] bytes(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }
}
