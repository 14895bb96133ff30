package s3ml.lab.emulated;

import com.google.flatbuffers.FlatBufferBuilder;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.tensorflow.lite.schema.Buffer;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.FullyConnectedOptions;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.Operator;
import org.tensorflow.lite.schema.OperatorCode;
import org.tensorflow.lite.schema.SubGraph;
import org.tensorflow.lite.schema.Tensor;
import org.tensorflow.lite.schema.TensorType;
import s3ml.wire.inference.ModelInferRequest;

/// A model with random weights, made here: fully connected layers of equal width, so that its weights are large and its
/// arithmetic is little. Good for time and paging, useless for anything else.
///
/// @param name of the model
/// @param width inputs and outputs of each layer, 16 to 4096
/// @param layers at least 1
record BuiltModel(String name, int width, int layers) {
    BuiltModel {
        if (width < 16 || width > 4096 || layers < 1 || layers > 64) {
            throw new IllegalArgumentException("width or layers out of range: " + width + ", " + layers);
        }
    }

    /// Writes the flatbuffer, the same bytes each time.
    Path write(Path file) throws IOException {
        return Files.write(file, bytes());
    }

    /// A request of zeros.
    ModelInferRequest request() {
        return ModelInferRequest.newBuilder()
                .setModelName(name)
                .addInputs(ModelInferRequest.InferInputTensor.newBuilder()
                        .setName("x")
                        .setDatatype("FP32")
                        .addShape(1)
                        .addShape(width))
                .addRawInputContents(UnsafeByteOperations.unsafeWrap(new byte[4 * width]))
                .build();
    }

    byte[] bytes() {
        FlatBufferBuilder out = new FlatBufferBuilder(layers * width * width * 4 + 4096);
        int[] buffers = new int[layers + 1];
        buffers[0] = Buffer.createBuffer(out, 0);
        SplittableRandom random = new SplittableRandom(name.hashCode());
        for (int layer = 1; layer <= layers; layer++) {
            buffers[layer] = Buffer.createBuffer(out, Buffer.createDataVector(out, weights(random)));
        }
        int buffersAt = Model.createBuffersVector(out, buffers);
        int graph = graph(out);
        int code = OperatorCode.createOperatorCode(
                out, (byte) BuiltinOperator.FULLY_CONNECTED, 0, 1, BuiltinOperator.FULLY_CONNECTED);
        int codes = Model.createOperatorCodesVector(out, new int[] {code});
        int graphs = Model.createSubgraphsVector(out, new int[] {graph});
        int description = out.createString("made for an experiment");
        Model.startModel(out);
        Model.addVersion(out, 3);
        Model.addOperatorCodes(out, codes);
        Model.addSubgraphs(out, graphs);
        Model.addDescription(out, description);
        Model.addBuffers(out, buffersAt);
        Model.finishModelBuffer(out, Model.endModel(out));
        return out.sizedByteArray();
    }

    private byte[] weights(SplittableRandom random) {
        ByteBuffer weights = ByteBuffer.allocate(width * width * 4).order(ByteOrder.LITTLE_ENDIAN);
        double scale = 1 / Math.sqrt(width);
        while (weights.hasRemaining()) {
            weights.putFloat((float) (scale * (2 * random.nextDouble() - 1)));
        }
        return weights.array();
    }

    /// Tensors 0 to `layers` are the activations, the weights of layer i follow as `layers + i`.
    private int graph(FlatBufferBuilder out) {
        List<Integer> tensors = new ArrayList<>();
        for (int i = 0; i <= layers; i++) {
            tensors.add(tensor(out, i == 0 ? "x" : i == layers ? "y" : "h" + i, 0, 1, width));
        }
        for (int i = 1; i <= layers; i++) {
            tensors.add(tensor(out, "w" + i, i, width, width));
        }
        int[] operators = new int[layers];
        for (int i = 0; i < layers; i++) {
            int inputs = Operator.createInputsVector(out, new int[] {i, layers + 1 + i, -1});
            int outputs = Operator.createOutputsVector(out, new int[] {i + 1});
            FullyConnectedOptions.startFullyConnectedOptions(out);
            int options = FullyConnectedOptions.endFullyConnectedOptions(out);
            Operator.startOperator(out);
            Operator.addInputs(out, inputs);
            Operator.addOutputs(out, outputs);
            Operator.addBuiltinOptionsType(out, BuiltinOptions.FullyConnectedOptions);
            Operator.addBuiltinOptions(out, options);
            operators[i] = Operator.endOperator(out);
        }
        int tensorsAt = SubGraph.createTensorsVector(
                out, tensors.stream().mapToInt(Integer::intValue).toArray());
        int inputs = SubGraph.createInputsVector(out, new int[] {0});
        int outputs = SubGraph.createOutputsVector(out, new int[] {layers});
        int operatorsAt = SubGraph.createOperatorsVector(out, operators);
        SubGraph.startSubGraph(out);
        SubGraph.addTensors(out, tensorsAt);
        SubGraph.addInputs(out, inputs);
        SubGraph.addOutputs(out, outputs);
        SubGraph.addOperators(out, operatorsAt);
        return SubGraph.endSubGraph(out);
    }

    private static int tensor(FlatBufferBuilder out, String name, int buffer, int... shape) {
        int nameAt = out.createString(name);
        int shapeAt = Tensor.createShapeVector(out, Arrays.copyOf(shape, shape.length));
        Tensor.startTensor(out);
        Tensor.addShape(out, shapeAt);
        Tensor.addType(out, TensorType.FLOAT32);
        Tensor.addBuffer(out, buffer);
        Tensor.addName(out, nameAt);
        return Tensor.endTensor(out);
    }
}
