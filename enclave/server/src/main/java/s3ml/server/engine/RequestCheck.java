package s3ml.server.engine;

import java.util.ArrayList;
import java.util.List;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.StringLayout;
import s3ml.server.tensor.TensorSpec;

/// Compares a request with what a model declares, before the request takes a place in the queue.
final class RequestCheck {
    private final ModelSpec spec;

    RequestCheck(ModelSpec spec) {
        this.spec = spec;
    }

    /// A request that fits the model.
    ///
    /// @param inputs in the model's order
    /// @param outputs indices of the wanted outputs, in the caller's order
    /// @param batch batch elements; 1 when the model does not batch
    record Checked(List<InputTensor> inputs, List<Wanted> outputs, int batch) {
        Checked {
            inputs = List.copyOf(inputs);
            outputs = List.copyOf(outputs);
        }

        /// Whether both may share a run.
        boolean joins(Checked other) {
            for (int i = 0; i < inputs.size(); i++) {
                InputTensor mine = inputs.get(i);
                if (mine.type() == DataType.BYTES
                        || !mine.shape()
                                .withBatch(1)
                                .equals(other.inputs.get(i).shape().withBatch(1))) {
                    return false;
                }
            }
            return true;
        }
    }

    /// @param classes 0 for the tensor itself
    record Wanted(int index, int classes) {}

    /// The request in the model's order.
    ///
    /// @throws RequestRefused naming what does not fit
    Checked check(InferenceRequest request) {
        InputTensor[] ordered = new InputTensor[spec.inputs().size()];
        for (InputTensor input : request.inputs()) {
            int index = spec.input(input.name());
            if (index < 0) {
                throw refused(Fault.WRONG_INPUTS, input, "is not an input of the model");
            }
            if (ordered[index] != null) {
                throw refused(Fault.WRONG_INPUTS, input, "is given twice");
            }
            checkTensor(spec.inputs().get(index), input);
            ordered[index] = input;
        }
        int given = request.inputs().size();
        if (given != ordered.length) {
            throw new RequestRefused(
                    Fault.WRONG_INPUTS, "the request has " + given + " inputs, the model takes another number");
        }
        List<InputTensor> inputs = List.of(ordered);
        return new Checked(inputs, wanted(request), batch(inputs));
    }

    private void checkTensor(TensorSpec declared, InputTensor input) {
        if (input.type() != declared.type()) {
            throw refused(Fault.WRONG_DATATYPE, input, "has datatype " + input.type() + ", not the model's");
        }
        Shape shape = input.shape();
        long elements = shape.elements();
        if (!declared.shape().admits(shape) || elements <= 0) {
            throw refused(Fault.WRONG_SHAPE, input, "has shape " + shape + ", which the model does not take");
        }
        if (input.type() == DataType.BYTES) {
            checkStrings(input, elements);
            return;
        }
        long size = input.type().elementSize();
        if (elements > Long.MAX_VALUE / size || elements * size != input.data().byteSize()) {
            throw refused(
                    Fault.WRONG_SIZE,
                    input,
                    "has " + input.data().byteSize() + " bytes, which do not fill its shape " + shape + " of "
                            + input.type());
        }
    }

    private static void checkStrings(InputTensor input, long elements) {
        try {
            int count = StringLayout.count(Contents.buffer(input.data()));
            if (count != elements) {
                throw refused(
                        Fault.WRONG_SIZE, input, "has " + count + " elements, not those of shape " + input.shape());
            }
        } catch (IllegalArgumentException malformed) {
            throw refused(Fault.WRONG_SIZE, input, String.valueOf(malformed.getMessage()));
        }
    }

    private int batch(List<InputTensor> inputs) {
        if (spec.batching().maxBatch() == 1) {
            return 1;
        }
        int batch = inputs.getFirst().shape().dim(0);
        for (InputTensor input : inputs) {
            if (input.shape().dim(0) != batch) {
                throw refused(Fault.WRONG_SHAPE, input, "has shape " + input.shape() + ", another batch than before");
            }
        }
        if (batch > spec.batching().maxBatch()) {
            throw refused(Fault.WRONG_SHAPE, inputs.getFirst(), "has a batch of " + batch + ", more than is taken");
        }
        return batch;
    }

    private List<Wanted> wanted(InferenceRequest request) {
        List<Wanted> wanted = new ArrayList<>();
        for (InferenceRequest.RequestedOutput output : request.outputs()) {
            int index = spec.output(output.name());
            if (index < 0) {
                throw new RequestRefused(
                        Fault.WRONG_OUTPUT,
                        "output " + RequestRefused.quoted(output.name()) + " is not an output of the model");
            }
            wanted.add(new Wanted(index, output.classes()));
        }
        if (request.outputs().isEmpty()) {
            for (int i = 0; i < spec.outputs().size(); i++) {
                wanted.add(new Wanted(i, 0));
            }
        }
        return wanted;
    }

    private static RequestRefused refused(Fault fault, InputTensor input, String why) {
        return new RequestRefused(fault, "input " + RequestRefused.quoted(input.name()) + " " + why);
    }
}
