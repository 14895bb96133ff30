package s3ml.server.rest;

import java.util.Arrays;
import java.util.List;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.server.engine.Extensions;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.ServedModel;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.TensorSpec;

/// The model configuration extension, as far as Triton's tools read it.
final class ConfigJson {
    private ConfigJson() {}

    static JsonObject of(ServedModel model) {
        ModelSpec spec = model.spec();
        boolean batches = spec.batching().maxBatch() > 1;
        JsonObject.Builder config = JsonObject.builder()
                .put("name", spec.name().name())
                .put("platform", Extensions.PLATFORM)
                .put("backend", Extensions.PLATFORM)
                .put("max_batch_size", batches ? spec.batching().maxBatch() : 0)
                .put("input", tensors(spec.inputs(), batches))
                .put("output", tensors(spec.outputs(), batches))
                .put("instance_group", new JsonArray(List.of(instance(model))))
                .put(
                        "model_transaction_policy",
                        JsonObject.builder().put("decoupled", false).build());
        if (batches) {
            config.put(
                    "dynamic_batching",
                    JsonObject.builder()
                            .put(
                                    "preferred_batch_size",
                                    new JsonArray(spec.batching().preferred().stream()
                                            .<JsonValue>map(JsonNumber::of)
                                            .toList()))
                            .put("max_queue_delay_microseconds", spec.batching().maxDelayNanos() / 1000)
                            .build());
        }
        return config.build();
    }

    private static JsonObject instance(ServedModel model) {
        return JsonObject.builder()
                .put("name", model.spec().name().name())
                .put("kind", "KIND_CPU")
                .put("count", model.instances())
                .build();
    }

    private static JsonArray tensors(List<TensorSpec> specs, boolean batches) {
        return new JsonArray(
                specs.stream().<JsonValue>map(tensor -> tensor(tensor, batches)).toList());
    }

    private static JsonObject tensor(TensorSpec tensor, boolean batches) {
        int[] dims = tensor.shape().dims();
        return JsonObject.builder()
                .put("name", tensor.name())
                .put("data_type", tensor.type() == DataType.BYTES ? "TYPE_STRING" : "TYPE_" + tensor.type())
                .put("dims", OpenInference.shape(batches ? Arrays.copyOfRange(dims, 1, dims.length) : dims))
                .build();
    }
}
