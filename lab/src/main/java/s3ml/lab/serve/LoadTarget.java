package s3ml.lab.serve;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.wire.inference.ModelInferRequest;

/// One inference request, as bytes that a load generator sends again and again.
///
/// @param uri of the request; `http` for HTTP/2 in the clear
/// @param headers as `name: value`
/// @param body file with the body
public record LoadTarget(String uri, List<String> headers, Path body) {
    public LoadTarget {
        headers = List.copyOf(headers);
    }

    /// A model's only input, which gets zeros.
    ///
    /// @param datatype as the protocol names it, of four bytes an element
    /// @param shape without free dimensions
    public record Input(String model, String name, String datatype, List<Long> shape) {
        public Input {
            shape = List.copyOf(shape);
        }

        int bytes() {
            return Math.toIntExact(Float.BYTES * shape.stream().reduce(1L, Math::multiplyExact));
        }
    }

    /// ModelInfer of the gRPC service, with raw contents.
    ///
    /// @param authority `https://HOST:PORT` or `http://HOST:PORT`
    /// @param body file that is written
    public static LoadTarget grpc(String authority, Input input, Path body) throws IOException {
        ModelInferRequest.Builder message = ModelInferRequest.newBuilder().setModelName(input.model());
        message.addInputsBuilder()
                .setName(input.name())
                .setDatatype(input.datatype())
                .addAllShape(input.shape());
        byte[] bytes = message.addRawInputContents(ByteString.copyFrom(new byte[input.bytes()]))
                .build()
                .toByteArray();
        // One uncompressed message: a zero, its length, and itself.
        ByteBuffer frame = ByteBuffer.allocate(5 + bytes.length)
                .put((byte) 0)
                .putInt(bytes.length)
                .put(bytes);
        Files.write(body, frame.array());
        return new LoadTarget(
                authority + "/inference.GRPCInferenceService/ModelInfer",
                List.of("content-type: application/grpc", "te: trailers"),
                body);
    }

    /// The REST infer call with the binary tensor extension, in both directions.
    public static LoadTarget rest(String authority, Input input, Path body) throws IOException {
        List<JsonValue> shape = input.shape().stream()
                .map(dimension -> (JsonValue) JsonNumber.of(dimension))
                .toList();
        JsonObject tensor = JsonObject.builder()
                .put("name", input.name())
                .put("shape", new JsonArray(shape))
                .put("datatype", input.datatype())
                .put(
                        "parameters",
                        JsonObject.builder()
                                .put("binary_data_size", input.bytes())
                                .build())
                .build();
        byte[] header = Json.write(JsonObject.builder()
                        .put("inputs", new JsonArray(List.of(tensor)))
                        .put(
                                "parameters",
                                JsonObject.builder()
                                        .put("binary_data_output", true)
                                        .build())
                        .build())
                .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(header);
        bytes.write(new byte[input.bytes()]);
        Files.write(body, bytes.toByteArray());
        return new LoadTarget(
                authority + "/v2/models/" + input.model() + "/infer",
                List.of("content-type: application/octet-stream", "inference-header-content-length: " + header.length),
                body);
    }
}
