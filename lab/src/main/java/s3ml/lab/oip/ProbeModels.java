package s3ml.lab.oip;

import com.google.flatbuffers.FlatBufferBuilder;
import java.util.Map;
import org.tensorflow.lite.schema.AddOptionsT;
import org.tensorflow.lite.schema.BufferT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.BuiltinOptionsUnion;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.OperatorCodeT;
import org.tensorflow.lite.schema.OperatorT;
import org.tensorflow.lite.schema.ReshapeOptionsT;
import org.tensorflow.lite.schema.SignatureDefT;
import org.tensorflow.lite.schema.SubGraphT;
import org.tensorflow.lite.schema.TensorMapT;
import org.tensorflow.lite.schema.TensorT;
import org.tensorflow.lite.schema.TensorType;

/// The smallest models that show whether an answer is right: one adds its input to itself, the others give back what
/// they get. Their tensors are `x` and `sum`.
final class ProbeModels {
    /// In the schema of later versions than the library that builds these models.
    private static final byte BFLOAT16 = 18;

    private ProbeModels() {}

    /// Flatbuffers by model name.
    static Map<String, byte[]> all() {
        return Map.of(
                "double", doubling(),
                "spare", doubling(),
                "words", identity(TensorType.STRING),
                "half", identity(TensorType.FLOAT16),
                "brain", identity(BFLOAT16));
    }

    private static byte[] doubling() {
        BuiltinOptionsUnion options = new BuiltinOptionsUnion();
        options.setType(BuiltinOptions.AddOptions);
        options.setValue(new AddOptionsT());
        return model(BuiltinOperator.ADD, new int[] {0, 0}, options, TensorType.FLOAT32, 1, 4);
    }

    private static byte[] identity(byte type) {
        ReshapeOptionsT reshape = new ReshapeOptionsT();
        reshape.setNewShape(new int[] {2});
        BuiltinOptionsUnion options = new BuiltinOptionsUnion();
        options.setType(BuiltinOptions.ReshapeOptions);
        options.setValue(reshape);
        return model(BuiltinOperator.RESHAPE, new int[] {0}, options, type, 2);
    }

    private static byte[] model(int code, int[] inputs, BuiltinOptionsUnion options, byte type, int... shape) {
        OperatorT operator = new OperatorT();
        operator.setInputs(inputs);
        operator.setOutputs(new int[] {1});
        operator.setBuiltinOptions(options);
        SubGraphT graph = new SubGraphT();
        graph.setTensors(new TensorT[] {tensor("in", type, shape), tensor("out", type, shape)});
        graph.setInputs(new int[] {0});
        graph.setOutputs(new int[] {1});
        graph.setOperators(new OperatorT[] {operator});
        OperatorCodeT operatorCode = new OperatorCodeT();
        operatorCode.setBuiltinCode(code);
        operatorCode.setDeprecatedBuiltinCode((byte) code);
        operatorCode.setVersion(1);
        SignatureDefT signature = new SignatureDefT();
        signature.setSignatureKey("serving_default");
        signature.setInputs(new TensorMapT[] {named("x", 0)});
        signature.setOutputs(new TensorMapT[] {named("sum", 1)});
        BufferT empty = new BufferT();
        empty.setData(new int[0]);
        ModelT model = new ModelT();
        model.setVersion(3);
        model.setOperatorCodes(new OperatorCodeT[] {operatorCode});
        model.setSubgraphs(new SubGraphT[] {graph});
        model.setBuffers(new BufferT[] {empty});
        model.setSignatureDefs(new SignatureDefT[] {signature});
        FlatBufferBuilder builder = new FlatBufferBuilder(1024);
        Model.finishModelBuffer(builder, Model.pack(builder, model));
        return builder.sizedByteArray();
    }

    private static TensorT tensor(String name, byte type, int... shape) {
        TensorT tensor = new TensorT();
        tensor.setName(name);
        tensor.setType(type);
        tensor.setShape(shape);
        return tensor;
    }

    private static TensorMapT named(String name, int tensor) {
        TensorMapT map = new TensorMapT();
        map.setName(name);
        map.setTensorIndex(tensor);
        return map;
    }
}
