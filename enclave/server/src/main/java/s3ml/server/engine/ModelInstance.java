package s3ml.server.engine;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.InputTensor;
import s3ml.server.tensor.OutputTensor;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.StringLayout;
import s3ml.server.tensor.TensorSpec;
import s3ml.server.tflite.Interpreter;

/// One interpreter of a served model, and the shapes that it is prepared for. Belongs to one thread at a time.
final class ModelInstance {
    private final ModelSpec spec;
    private final Interpreter interpreter;
    private final ModelStatistics statistics;
    private final Classification classification;
    private final Shape[] shapes;

    /// @param statistics of the model, all instances together
    ModelInstance(ModelSpec spec, Interpreter interpreter, ModelStatistics statistics) {
        this.spec = spec;
        this.interpreter = interpreter;
        this.statistics = statistics;
        this.classification = new Classification(spec.labels());
        this.shapes = new Shape[spec.inputs().size()];
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = interpreter.inputShape(i);
        }
    }

    /// Runs once for all of `requests`, which [RequestCheck.Checked#joins] allows, and returns each one's outputs.
    ///
    /// @throws S3mlException when the model fails
    List<List<OutputTensor>> run(List<RequestCheck.Checked> requests) {
        long began = System.nanoTime();
        int batch = 0;
        for (RequestCheck.Checked request : requests) {
            batch += request.batch();
        }
        shape(requests, batch);
        for (int i = 0; i < shapes.length; i++) {
            fill(i, requests);
        }
        long filled = System.nanoTime();
        interpreter.invoke();
        long invoked = System.nanoTime();
        List<List<OutputTensor>> outputs = new ArrayList<>(requests.size());
        int at = 0;
        for (RequestCheck.Checked request : requests) {
            outputs.add(outputs(request, at, batch));
            at += request.batch();
        }
        statistics.executed(
                batch,
                new ModelStatistics.BatchTimes(1, filled - began, invoked - filled, System.nanoTime() - invoked));
        return outputs;
    }

    /// Gives the inputs their shapes; memory is planned again only when one differs from the last run.
    private void shape(List<RequestCheck.Checked> requests, int batch) {
        List<InputTensor> inputs = requests.getFirst().inputs();
        Shape[] before = shapes.clone();
        boolean changed = false;
        for (int i = 0; i < shapes.length; i++) {
            Shape shape = inputs.get(i).shape();
            Shape wanted = spec.batching().maxBatch() > 1 ? shape.withBatch(batch) : shape;
            if (!wanted.equals(shapes[i])) {
                interpreter.resize(i, wanted);
                shapes[i] = wanted;
                changed = true;
            }
        }
        if (!changed) {
            return;
        }
        try {
            interpreter.allocate();
        } catch (S3mlException refused) {
            restore(before);
            throw refused;
        }
    }

    private void restore(Shape[] before) {
        for (int i = 0; i < shapes.length; i++) {
            shapes[i] = before[i];
            interpreter.resize(i, before[i]);
        }
        interpreter.allocate();
    }

    private void fill(int index, List<RequestCheck.Checked> requests) {
        InputTensor first = requests.getFirst().inputs().get(index);
        if (first.type() == DataType.BYTES) {
            ByteBuffer strings = Contents.buffer(first.data());
            MemorySegment target = interpreter.stringInput(index, StringLayout.tfLiteSize(strings.remaining()));
            StringLayout.toTfLite(strings, StringLayout.count(strings), target);
            return;
        }
        MemorySegment target = interpreter.input(index);
        long at = 0;
        for (RequestCheck.Checked request : requests) {
            InputTensor input = request.inputs().get(index);
            input.data().copyTo(target.asSlice(at, input.data().byteSize()));
            at += input.data().byteSize();
        }
    }

    private List<OutputTensor> outputs(RequestCheck.Checked request, int at, int batch) {
        List<OutputTensor> outputs = new ArrayList<>(request.outputs().size());
        for (RequestCheck.Wanted wanted : request.outputs()) {
            OutputTensor output = output(wanted.index(), request, at, batch);
            boolean batches = spec.batching().maxBatch() > 1;
            outputs.add(wanted.classes() > 0 ? classification.best(output, wanted.classes(), batches) : output);
        }
        return outputs;
    }

    private OutputTensor output(int index, RequestCheck.Checked request, int at, int batch) {
        TensorSpec declared = spec.outputs().get(index);
        Shape shape = interpreter.outputShape(index);
        MemorySegment tensor = interpreter.output(index);
        if (declared.type() == DataType.BYTES) {
            return new OutputTensor(declared.name(), declared.type(), shape, StringLayout.toProtocol(tensor));
        }
        if (batch != request.batch()) {
            long row = tensor.byteSize() / batch;
            tensor = tensor.asSlice(row * at, row * request.batch());
            shape = shape.withBatch(request.batch());
        }
        byte[] copy = new byte[Math.toIntExact(tensor.byteSize())];
        MemorySegment.copy(tensor, 0, MemorySegment.ofArray(copy), 0, copy.length);
        return new OutputTensor(declared.name(), declared.type(), shape, ByteBuffer.wrap(copy));
    }

    /// Gives its memory back.
    void close() {
        interpreter.close();
    }
}
