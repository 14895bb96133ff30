package s3ml.server.grpc;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import s3ml.server.engine.Extensions;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.ModelStatistics;
import s3ml.server.engine.ServedModel;
import s3ml.server.repository.ModelRepository;
import s3ml.server.repository.ModelState;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.TensorSpec;
import s3ml.wire.inference.InferBatchStatistics;
import s3ml.wire.inference.InferStatistics;
import s3ml.wire.inference.ModelConfig;
import s3ml.wire.inference.ModelConfigResponse;
import s3ml.wire.inference.ModelInput;
import s3ml.wire.inference.ModelInstanceGroup;
import s3ml.wire.inference.ModelMetadataResponse;
import s3ml.wire.inference.ModelOutput;
import s3ml.wire.inference.ModelStatisticsResponse;
import s3ml.wire.inference.ServerMetadataResponse;
import s3ml.wire.inference.StatisticDuration;

/// What the server says of itself and its models, as messages.
final class Descriptions {
    private Descriptions() {}

    static ServerMetadataResponse server(String version) {
        return ServerMetadataResponse.newBuilder()
                .setName("s3ml")
                .setVersion(version)
                .addAllExtensions(Extensions.NAMES)
                .build();
    }

    static ModelMetadataResponse metadata(ModelRepository repository, ServedModel model) {
        ModelSpec spec = model.spec();
        ModelMetadataResponse.Builder metadata =
                ModelMetadataResponse.newBuilder().setName(spec.name().name()).setPlatform(Extensions.PLATFORM);
        repository.versions(spec.name().name()).forEach((version, state) -> {
            if (state instanceof ModelState.Ready) {
                metadata.addVersions(version);
            }
        });
        spec.inputs().forEach(tensor -> metadata.addInputs(tensor(tensor)));
        spec.outputs().forEach(tensor -> metadata.addOutputs(tensor(tensor)));
        return metadata.build();
    }

    private static ModelMetadataResponse.TensorMetadata tensor(TensorSpec spec) {
        ModelMetadataResponse.TensorMetadata.Builder tensor = ModelMetadataResponse.TensorMetadata.newBuilder()
                .setName(spec.name())
                .setDatatype(spec.type().name());
        for (int dim : spec.shape().dims()) {
            tensor.addShape(dim);
        }
        return tensor.build();
    }

    static ModelConfigResponse config(ServedModel model) {
        ModelSpec spec = model.spec();
        boolean batches = spec.batching().maxBatch() > 1;
        ModelConfig.Builder config = ModelConfig.newBuilder()
                .setName(spec.name().name())
                .setPlatform(Extensions.PLATFORM)
                .setBackend(Extensions.PLATFORM)
                .setMaxBatchSize(batches ? spec.batching().maxBatch() : 0)
                .addInstanceGroup(ModelInstanceGroup.newBuilder()
                        .setName(spec.name().name())
                        .setKind(ModelInstanceGroup.Kind.KIND_CPU)
                        .setCount(model.instances()));
        if (batches) {
            config.getDynamicBatchingBuilder()
                    .addAllPreferredBatchSize(spec.batching().preferred())
                    .setMaxQueueDelayMicroseconds(spec.batching().maxDelayNanos() / 1000);
        }
        for (TensorSpec input : spec.inputs()) {
            ModelInput.Builder tensor =
                    config.addInputBuilder().setName(input.name()).setDataType(type(input.type()));
            for (int i = batches ? 1 : 0; i < input.shape().rank(); i++) {
                tensor.addDims(input.shape().dim(i));
            }
        }
        for (TensorSpec output : spec.outputs()) {
            ModelOutput.Builder tensor =
                    config.addOutputBuilder().setName(output.name()).setDataType(type(output.type()));
            for (int i = batches ? 1 : 0; i < output.shape().rank(); i++) {
                tensor.addDims(output.shape().dim(i));
            }
        }
        return ModelConfigResponse.newBuilder().setConfig(config).build();
    }

    private static s3ml.wire.inference.DataType type(DataType type) {
        return s3ml.wire.inference.DataType.valueOf(type == DataType.BYTES ? "TYPE_STRING" : "TYPE_" + type);
    }

    static ModelStatisticsResponse statistics(List<ServedModel> models) {
        ModelStatisticsResponse.Builder response = ModelStatisticsResponse.newBuilder();
        for (ServedModel model : models) {
            ModelStatistics.Snapshot now = model.statistics().snapshot();
            ModelStatistics.BatchTimes runs = now.executions();
            s3ml.wire.inference.ModelStatistics.Builder statistics = response.addModelStatsBuilder()
                    .setName(model.spec().name().name())
                    .setVersion(model.spec().name().version())
                    .setLastInference(now.lastInferenceMillis())
                    .setInferenceCount(now.inferences())
                    .setExecutionCount(runs.count())
                    .setInferenceStats(InferStatistics.newBuilder()
                            .setSuccess(duration(
                                    now.success().count(), now.success().nanos()))
                            .setFail(duration(
                                    now.failure().count(), now.failure().nanos()))
                            .setQueue(duration(now.success().count(), now.queueNanos()))
                            .setComputeInput(duration(runs.count(), runs.inputNanos()))
                            .setComputeInfer(duration(runs.count(), runs.inferNanos()))
                            .setComputeOutput(duration(runs.count(), runs.outputNanos())));
            for (Map.Entry<Integer, ModelStatistics.BatchTimes> batch : new TreeMap<>(now.batches()).entrySet()) {
                ModelStatistics.BatchTimes times = batch.getValue();
                statistics.addBatchStats(InferBatchStatistics.newBuilder()
                        .setBatchSize(batch.getKey())
                        .setComputeInput(duration(times.count(), times.inputNanos()))
                        .setComputeInfer(duration(times.count(), times.inferNanos()))
                        .setComputeOutput(duration(times.count(), times.outputNanos())));
            }
        }
        return response.build();
    }

    private static StatisticDuration duration(long count, long nanos) {
        return StatisticDuration.newBuilder().setCount(count).setNs(nanos).build();
    }
}
