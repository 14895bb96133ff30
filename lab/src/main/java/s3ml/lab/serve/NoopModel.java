package s3ml.lab.serve;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.tensorflow.lite.schema.AddOptionsT;
import org.tensorflow.lite.schema.BufferT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.BuiltinOptionsUnion;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.OperatorCodeT;
import org.tensorflow.lite.schema.OperatorT;
import org.tensorflow.lite.schema.SubGraphT;
import org.tensorflow.lite.schema.TensorT;
import org.tensorflow.lite.schema.TensorType;

/// A model that does next to nothing, `y = x + x`, so that what is measured is serving alone.
///
/// @param floats in and out, ≥ 1
public record NoopModel(int floats) {
    /// Writes the flatbuffer, the same bytes each time.
    public Path write(Path file) throws IOException {
        OperatorT add = new OperatorT();
        add.setInputs(new int[] {0, 0});
        add.setOutputs(new int[] {1});
        BuiltinOptionsUnion options = new BuiltinOptionsUnion();
        options.setType(BuiltinOptions.AddOptions);
        options.setValue(new AddOptionsT());
        add.setBuiltinOptions(options);
        SubGraphT graph = new SubGraphT();
        graph.setTensors(new TensorT[] {tensor("x"), tensor("y")});
        graph.setInputs(new int[] {0});
        graph.setOutputs(new int[] {1});
        graph.setOperators(new OperatorT[] {add});
        OperatorCodeT code = new OperatorCodeT();
        code.setBuiltinCode(BuiltinOperator.ADD);
        code.setDeprecatedBuiltinCode((byte) BuiltinOperator.ADD);
        code.setVersion(1);
        BufferT empty = new BufferT();
        empty.setData(new int[0]);
        ModelT model = new ModelT();
        model.setVersion(3);
        model.setDescription("made for an experiment");
        model.setOperatorCodes(new OperatorCodeT[] {code});
        model.setSubgraphs(new SubGraphT[] {graph});
        model.setBuffers(new BufferT[] {empty});
        FlatBufferBuilder out = new FlatBufferBuilder(1024);
        Model.finishModelBuffer(out, Model.pack(out, model));
        return Files.write(file, out.sizedByteArray());
    }

    private TensorT tensor(String name) {
        TensorT tensor = new TensorT();
        tensor.setName(name);
        tensor.setType(TensorType.FLOAT32);
        tensor.setShape(new int[] {1, floats});
        return tensor;
    }
}
