package s3ml.server.grpc;

import com.google.protobuf.UnsafeByteOperations;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import s3ml.protocol.receipt.InferenceReceipt;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.Parameters;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.Terms;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.OutputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorData;
import s3ml.wire.inference.InferParameter;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;

/// Infer requests and responses as messages. Raw contents are not copied here: neither the request's, which stay where
/// they arrived until the model takes them, nor the response's.
final class InferMessages {
    private InferMessages() {}

    /// @param circumstances as the call's metadata say
    /// @param latest [System#nanoTime()] after which the caller does not wait
    static InferenceRequest request(Arrival arrival, Terms.Circumstances circumstances, long latest) {
        List<InputTensor> inputs = new ArrayList<>(arrival.message().getInputsCount());
        try {
            return request(arrival, inputs, circumstances, latest);
        } catch (RequestRefused refused) {
            inputs.forEach(InputTensor::close);
            throw refused;
        }
    }

    private static InferenceRequest request(
            Arrival arrival, List<InputTensor> inputs, Terms.Circumstances circumstances, long latest) {
        ModelInferRequest message = arrival.message();
        int raw = arrival.contentsCount();
        if (raw != 0 && raw != message.getInputsCount()) {
            throw new RequestRefused(
                    Fault.WRONG_BINARY, raw + " raw contents for " + message.getInputsCount() + " inputs");
        }
        for (int i = 0; i < message.getInputsCount(); i++) {
            inputs.add(input(arrival, i, raw != 0));
        }
        List<InferenceRequest.RequestedOutput> outputs = new ArrayList<>(message.getOutputsCount());
        for (ModelInferRequest.InferRequestedOutputTensor output : message.getOutputsList()) {
            Parameters parameters = parameters(output.getParametersMap());
            refuseSharedMemory(parameters);
            outputs.add(new InferenceRequest.RequestedOutput(output.getName(), parameters.classes()));
        }
        Parameters parameters = parameters(message.getParametersMap());
        return new InferenceRequest(
                new ModelName(message.getModelName(), message.getModelVersion()),
                message.getId(),
                inputs,
                outputs,
                Terms.of(parameters, circumstances, System.nanoTime()).until(latest));
    }

    private static InputTensor input(Arrival arrival, int index, boolean raw) {
        ModelInferRequest.InferInputTensor input = arrival.message().getInputs(index);
        refuseSharedMemory(parameters(input.getParametersMap()));
        DataType type = DataType.named(input.getDatatype())
                .orElseThrow(() -> new RequestRefused(
                        Fault.WRONG_DATATYPE, "there is no datatype " + RequestRefused.quoted(input.getDatatype())));
        Shape shape = TensorMessages.shape(input.getShapeList());
        // Last, since it must be closed.
        TensorData data =
                raw ? arrival.contents(index) : arrival.contents(TensorMessages.data(type, input.getContents()));
        return new InputTensor(input.getName(), type, shape, data);
    }

    private static void refuseSharedMemory(Parameters parameters) {
        if (parameters.has("shared_memory_region")) {
            throw new RequestRefused(Fault.NOT_OFFERED, "shared memory would leave the enclave");
        }
    }

    private static Parameters parameters(Map<String, InferParameter> message) {
        if (message.isEmpty()) {
            return Parameters.NONE;
        }
        Map<String, Object> values = new HashMap<>();
        message.forEach((name, value) -> {
            switch (value.getParameterChoiceCase()) {
                case BOOL_PARAM -> values.put(name, value.getBoolParam());
                case INT64_PARAM -> values.put(name, value.getInt64Param());
                case UINT64_PARAM -> values.put(name, value.getUint64Param());
                case DOUBLE_PARAM -> values.put(name, value.getDoubleParam());
                case STRING_PARAM -> values.put(name, value.getStringParam());
                case PARAMETERCHOICE_NOT_SET -> {}
            }
        });
        return new Parameters(values);
    }

    /// @param asRequest whether the request's contents travelled raw: the response's do likewise, and also when an
    /// output has a datatype for which the protocol has no list; all outputs travel in one way
    static ModelInferResponse response(InferenceResult result, boolean asRequest) {
        boolean raw =
                asRequest || result.outputs().stream().anyMatch(output -> TensorMessages.isRawOnly(output.type()));
        ModelInferResponse.Builder response = ModelInferResponse.newBuilder()
                .setModelName(result.model().name())
                .setModelVersion(result.model().version())
                .setId(result.id());
        if (!result.receipt().isEmpty()) {
            response.putParameters(
                    InferenceReceipt.RECEIPT_PARAMETER,
                    InferParameter.newBuilder().setStringParam(result.receipt()).build());
        }
        for (OutputTensor output : result.outputs()) {
            ModelInferResponse.InferOutputTensor.Builder tensor = ModelInferResponse.InferOutputTensor.newBuilder()
                    .setName(output.name())
                    .setDatatype(output.type().name());
            for (int dim : output.shape().dims()) {
                tensor.addShape(dim);
            }
            if (raw) {
                response.addRawOutputContents(UnsafeByteOperations.unsafeWrap(output.data()));
            } else {
                tensor.setContents(TensorMessages.contents(output));
            }
            response.addOutputs(tensor);
        }
        return response.build();
    }
}
