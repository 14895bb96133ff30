package s3ml.server.rest;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.protocol.access.Right;
import s3ml.server.access.Gate;
import s3ml.server.engine.Extensions;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.ServedModel;
import s3ml.server.engine.Terms;
import s3ml.server.repository.ModelState;
import s3ml.server.repository.Serving;
import s3ml.server.tensor.TensorSpec;

/// `/v2` and `/v2/models`: metadata, readiness, configuration and inference.
final class OpenInference {
    private final Serving serving;
    private final String version;

    OpenInference(Serving serving, String version) {
        this.serving = serving;
        this.version = version;
    }

    RestReply server() {
        return RestReply.json(
                200,
                JsonObject.builder()
                        .put("name", "s3ml")
                        .put("version", version)
                        .put("extensions", JsonArray.ofStrings(Extensions.NAMES))
                        .build());
    }

    /// Below `/v2/models`.
    void models(RestRequest request, List<String> path, Answers.Caller caller, Consumer<RestReply> reply) {
        if (path.equals(List.of("stats"))) {
            reply.accept(StatisticsJson.of(serving.repository().ready().stream()
                    .filter(model ->
                            request.who().may(Right.INFER, model.spec().name().name()))
                    .toList()));
            return;
        }
        if (path.isEmpty() || path.getFirst().isEmpty()) {
            throw RestApi.noSuchPath();
        }
        boolean versioned = path.size() >= 3 && path.get(1).equals("versions");
        ModelName model = new ModelName(path.getFirst(), versioned ? path.get(2) : "");
        List<String> rest = path.subList(versioned ? 3 : 1, path.size());
        String action = rest.isEmpty() ? "" : rest.getFirst();
        if (action.equals("trace") && rest.size() <= 2) {
            throw new RequestRefused(Fault.NOT_OFFERED, "\"trace\" is not offered here");
        }
        if (rest.size() > 1) {
            throw RestApi.noSuchPath();
        }
        Gate.require(request.who(), Right.INFER, model.name());
        switch (action) {
            case "" -> reply.accept(metadata(serving.repository().find(model)));
            case "ready" -> reply.accept(ready(model));
            case "config" ->
                reply.accept(
                        RestReply.json(200, ConfigJson.of(serving.repository().find(model))));
            case "stats" ->
                reply.accept(StatisticsJson.of(List.of(serving.repository().find(model))));
            case "infer" -> infer(request, model, caller, reply);
            case "generate", "generate_stream" ->
                throw new RequestRefused(Fault.NOT_OFFERED, "the generate extension is not offered here");
            default -> throw RestApi.noSuchPath();
        }
    }

    private RestReply ready(ModelName model) {
        serving.repository().find(model);
        return RestReply.json(
                200,
                JsonObject.builder()
                        .put("name", model.name())
                        .put("ready", true)
                        .build());
    }

    private RestReply metadata(ServedModel model) {
        ModelSpec spec = model.spec();
        List<String> versions = serving.repository().versions(spec.name().name()).entrySet().stream()
                .filter(version -> version.getValue() instanceof ModelState.Ready)
                .map(java.util.Map.Entry::getKey)
                .toList();
        return RestReply.json(
                200,
                JsonObject.builder()
                        .put("name", spec.name().name())
                        .put("versions", JsonArray.ofStrings(versions))
                        .put("platform", Extensions.PLATFORM)
                        .put("inputs", tensors(spec.inputs()))
                        .put("outputs", tensors(spec.outputs()))
                        .build());
    }

    private static JsonArray tensors(List<TensorSpec> specs) {
        return new JsonArray(specs.stream()
                .<JsonValue>map(tensor -> JsonObject.builder()
                        .put("name", tensor.name())
                        .put("datatype", tensor.type().name())
                        .put("shape", shape(tensor.shape().dims()))
                        .build())
                .toList());
    }

    static JsonArray shape(int[] dims) {
        return new JsonArray(java.util.Arrays.stream(dims)
                .<JsonValue>mapToObj(JsonNumber::of)
                .toList());
    }

    private void infer(RestRequest request, ModelName model, Answers.Caller caller, Consumer<RestReply> reply) {
        ByteBuf body = request.body();
        int length = documentLength(request.header(InferReply.HEADER_LENGTH), body.readableBytes());
        InferBody parsed = InferBody.read(
                request.document(length),
                body.slice(body.readerIndex() + length, body.readableBytes() - length),
                request.heap());
        request.heap().giveBack(length);
        InferenceRequest inference = new InferenceRequest(
                model,
                parsed.id(),
                parsed.inputs(),
                parsed.outputs(),
                Terms.of(parsed.parameters(), request.circumstances(), System.nanoTime()));
        serving.infer(inference, new Answers(result -> InferReply.write(result, parsed::wantsBinary), caller, reply));
    }

    /// Where the JSON document ends and raw tensors begin.
    private static int documentLength(Optional<String> header, int available) {
        if (header.isEmpty()) {
            return available;
        }
        try {
            int length = Integer.parseInt(header.get());
            if (length >= 0 && length <= available) {
                return length;
            }
        } catch (NumberFormatException ignored) {
            // Falls through to the refusal.
        }
        throw new RequestRefused(
                Fault.WRONG_BINARY,
                "Inference-Header-Content-Length is " + RequestRefused.quoted(header.get()) + ", the body has "
                        + available + " bytes");
    }
}
