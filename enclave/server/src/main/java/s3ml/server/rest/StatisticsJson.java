package s3ml.server.rest;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.server.engine.ModelStatistics;
import s3ml.server.engine.ServedModel;

/// The statistics extension: counts, and cumulative nanoseconds.
final class StatisticsJson {
    private StatisticsJson() {}

    static RestReply of(List<ServedModel> models) {
        List<JsonValue> entries = new ArrayList<>();
        for (ServedModel model : models) {
            entries.add(model(model));
        }
        return RestReply.json(
                200,
                JsonObject.builder().put("model_stats", new JsonArray(entries)).build());
    }

    private static JsonObject model(ServedModel model) {
        ModelStatistics.Snapshot now = model.statistics().snapshot();
        ModelStatistics.BatchTimes runs = now.executions();
        List<JsonValue> batches = new ArrayList<>();
        for (Map.Entry<Integer, ModelStatistics.BatchTimes> batch : new TreeMap<>(now.batches()).entrySet()) {
            ModelStatistics.BatchTimes times = batch.getValue();
            batches.add(JsonObject.builder()
                    .put("batch_size", batch.getKey())
                    .put("compute_input", times(times.count(), times.inputNanos()))
                    .put("compute_infer", times(times.count(), times.inferNanos()))
                    .put("compute_output", times(times.count(), times.outputNanos()))
                    .build());
        }
        JsonObject inference = JsonObject.builder()
                .put("success", times(now.success().count(), now.success().nanos()))
                .put("fail", times(now.failure().count(), now.failure().nanos()))
                .put("queue", times(now.success().count(), now.queueNanos()))
                .put("compute_input", times(runs.count(), runs.inputNanos()))
                .put("compute_infer", times(runs.count(), runs.inferNanos()))
                .put("compute_output", times(runs.count(), runs.outputNanos()))
                .put("cache_hit", times(0, 0))
                .put("cache_miss", times(0, 0))
                .build();
        return JsonObject.builder()
                .put("name", model.spec().name().name())
                .put("version", model.spec().name().version())
                .put("last_inference", now.lastInferenceMillis())
                .put("inference_count", now.inferences())
                .put("execution_count", runs.count())
                .put("inference_stats", inference)
                .put("batch_stats", new JsonArray(batches))
                .build();
    }

    private static JsonObject times(long count, long nanos) {
        return JsonObject.builder().put("count", count).put("ns", nanos).build();
    }
}
