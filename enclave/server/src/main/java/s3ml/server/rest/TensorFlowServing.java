package s3ml.server.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonBool;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.protocol.access.Right;
import s3ml.server.access.Gate;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.Parameters;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.ServedModel;
import s3ml.server.engine.Terms;
import s3ml.server.repository.ModelState;
import s3ml.server.repository.Serving;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.TensorSpec;

/// TensorFlow Serving's REST interface, below `/v1/models`: status, metadata and `:predict`, by version or by label.
final class TensorFlowServing {
    private final Serving serving;

    TensorFlowServing(Serving serving) {
        this.serving = serving;
    }

    /// Below `/v1/models`.
    void models(RestRequest request, List<String> path, Answers.Caller caller, Consumer<RestReply> reply) {
        if (path.isEmpty()) {
            throw RestApi.noSuchPath();
        }
        List<String> plain = new ArrayList<>(path);
        int colon = plain.getLast().indexOf(':');
        String verb = colon < 0 ? "" : plain.getLast().substring(colon + 1);
        if (colon >= 0) {
            plain.set(plain.size() - 1, plain.getLast().substring(0, colon));
        }
        boolean metadata = verb.isEmpty() && plain.size() > 1 && plain.getLast().equals("metadata");
        Gate.require(request.who(), Right.INFER, plain.getFirst());
        ModelName model = model(metadata ? plain.subList(0, plain.size() - 1) : plain);
        if (metadata) {
            reply.accept(metadata(serving.repository().find(model)));
            return;
        }
        switch (verb) {
            case "" -> reply.accept(status(model));
            case "predict" -> predict(request, model, caller, reply);
            case "classify", "regress" ->
                throw new RequestRefused(
                        Fault.NOT_OFFERED, RequestRefused.quoted(verb) + " is not offered, use predict");
            default -> throw RestApi.noSuchPath();
        }
    }

    private ModelName model(List<String> path) {
        String name = path.getFirst();
        if (path.size() == 1) {
            return ModelName.anyVersionOf(name);
        }
        if (path.size() == 3 && path.get(1).equals("versions")) {
            return new ModelName(name, path.get(2));
        }
        if (path.size() == 3 && path.get(1).equals("labels")) {
            String version = serving.repository().settings(name).labels().get(path.get(2));
            if (version == null) {
                throw new RequestRefused(
                        Fault.NO_SUCH_VERSION,
                        "model " + RequestRefused.quoted(name) + " has no label " + RequestRefused.quoted(path.get(2)));
            }
            return new ModelName(name, version);
        }
        throw RestApi.noSuchPath();
    }

    private void predict(RestRequest request, ModelName model, Answers.Caller caller, Consumer<RestReply> reply) {
        Terms terms = Terms.of(Parameters.NONE, request.circumstances(), System.nanoTime());
        ServedModel served = serving.repository().find(model, terms.affinity());
        int length = request.body().readableBytes();
        PredictBody body = PredictBody.read(request.document(length), served.spec(), request.heap());
        request.heap().giveBack(length);
        InferenceRequest inference = new InferenceRequest(served.spec().name(), "", body.inputs(), List.of(), terms);
        serving.infer(inference, new Answers(body::reply, caller, reply));
    }

    private RestReply status(ModelName model) {
        Map<String, ModelState> versions = serving.repository().versions(model.name());
        List<JsonValue> entries = new ArrayList<>();
        versions.forEach((version, state) -> {
            if (model.version().isEmpty() || model.version().equals(version)) {
                entries.add(JsonObject.builder()
                        .put("version", version)
                        .put("state", word(state))
                        .put(
                                "status",
                                JsonObject.builder()
                                        .put("error_code", state.reason().startsWith("SRV") ? "UNKNOWN" : "OK")
                                        .put("error_message", state.reason())
                                        .build())
                        .build());
            }
        });
        if (entries.isEmpty()) {
            throw new RequestRefused(
                    Fault.NO_SUCH_MODEL, "there is no model " + RequestRefused.quoted(model.toString()));
        }
        // Newest first, as TensorFlow Serving lists them.
        return RestReply.json(
                200,
                JsonObject.builder()
                        .put("model_version_status", new JsonArray(entries.reversed()))
                        .build());
    }

    private static String word(ModelState state) {
        return switch (state) {
            case ModelState.Loading ignored -> "LOADING";
            case ModelState.Ready ignored -> "AVAILABLE";
            case ModelState.Unloading ignored -> "UNLOADING";
            case ModelState.Unavailable ignored -> "END";
        };
    }

    private static RestReply metadata(ServedModel model) {
        ModelSpec spec = model.spec();
        JsonObject signature = JsonObject.builder()
                .put("inputs", tensors(spec.inputs()))
                .put("outputs", tensors(spec.outputs()))
                .put("method_name", "tensorflow/serving/predict")
                .build();
        JsonObject signatures = JsonObject.builder()
                .put("@type", "type.googleapis.com/tensorflow.serving.SignatureDefMap")
                .put(
                        "signature_def",
                        JsonObject.builder().put("serving_default", signature).build())
                .build();
        return RestReply.json(
                200,
                JsonObject.builder()
                        .put(
                                "model_spec",
                                JsonObject.builder()
                                        .put("name", spec.name().name())
                                        .put("signature_name", "")
                                        .put("version", spec.name().version())
                                        .build())
                        .put(
                                "metadata",
                                JsonObject.builder()
                                        .put("signature_def", signatures)
                                        .build())
                        .build());
    }

    private static JsonObject tensors(List<TensorSpec> specs) {
        JsonObject.Builder tensors = JsonObject.builder();
        for (TensorSpec tensor : specs) {
            List<JsonValue> dims = new ArrayList<>();
            for (int dim : tensor.shape().dims()) {
                // 64-bit numbers are texts in protobuf's JSON form.
                dims.add(JsonObject.builder()
                        .put("size", Integer.toString(dim))
                        .put("name", "")
                        .build());
            }
            tensors.put(
                    tensor.name(),
                    JsonObject.builder()
                            .put("dtype", dtype(tensor.type()))
                            .put(
                                    "tensor_shape",
                                    JsonObject.builder()
                                            .put("dim", new JsonArray(dims))
                                            .put("unknown_rank", new JsonBool(false))
                                            .build())
                            .put("name", tensor.name())
                            .build());
        }
        return tensors.build();
    }

    private static String dtype(DataType type) {
        return switch (type) {
            case BOOL -> "DT_BOOL";
            case UINT8 -> "DT_UINT8";
            case UINT16 -> "DT_UINT16";
            case UINT32 -> "DT_UINT32";
            case UINT64 -> "DT_UINT64";
            case INT8 -> "DT_INT8";
            case INT16 -> "DT_INT16";
            case INT32 -> "DT_INT32";
            case INT64 -> "DT_INT64";
            case FP16 -> "DT_HALF";
            case BF16 -> "DT_BFLOAT16";
            case FP32 -> "DT_FLOAT";
            case FP64 -> "DT_DOUBLE";
            case BYTES -> "DT_STRING";
        };
    }
}
