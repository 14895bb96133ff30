package s3ml.server.tflite;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.flatbuffers.FlatBufferBuilder;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.BufferT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.BuiltinOptionsUnion;
import org.tensorflow.lite.schema.MetadataT;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.TensorType;
import org.tensorflow.lite.schema.WhileOptionsT;

/// Models with one number wrong, each beside the one that is right.
final class ModelCheckTest {
    private static void check(byte[] model) {
        ModelCheck.check(MemorySegment.ofArray(model));
    }

    private static byte[] changed(Consumer<ModelT> change) {
        ModelT model = Model.getRootAsModel(ByteBuffer.wrap(Models.doubling(TensorType.FLOAT32, 1, 4)))
                .unpack();
        change.accept(model);
        FlatBufferBuilder builder = new FlatBufferBuilder(1024);
        Model.finishModelBuffer(builder, Model.pack(builder, model));
        return builder.sizedByteArray();
    }

    private static void refused(String why, Consumer<ModelT> change) {
        assertThatThrownBy(() -> check(changed(change))).hasMessageContaining(why);
    }

    @Test
    void models_that_are_right_are_taken() {
        assertThatCode(() -> {
                    check(changed(model -> {}));
                    check(Models.identity(TensorType.STRING, 2));
                    check(Models.detector());
                })
                .doesNotThrowAnyException();
    }

    @Test
    void what_is_no_model_is_refused() {
        assertThatThrownBy(() -> check(new byte[0])).hasMessageContaining("TFL3");
        assertThatThrownBy(() -> check(new byte[1000])).hasMessageContaining("TFL3");
        refused("schema version", model -> model.setVersion(2));
        refused("no subgraph", model -> model.setSubgraphs(new org.tensorflow.lite.schema.SubGraphT[0]));
    }

    @Test
    void a_model_that_is_cut_off_is_refused() {
        byte[] model = Models.doubling(TensorType.FLOAT32, 1, 4);

        assertThatThrownBy(() -> check(java.util.Arrays.copyOf(model, model.length / 2)))
                .hasMessageContaining("leaves the file");
    }

    @Test
    void indices_out_of_range_are_refused() {
        refused(
                "an input of an operator is tensor 2 of 2",
                model -> model.getSubgraphs()[0].getOperators()[0].setInputs(new int[] {0, 2}));
        refused(
                "an input of an operator is tensor -2 of 2",
                model -> model.getSubgraphs()[0].getOperators()[0].setInputs(new int[] {0, -2}));
        refused("an output of a subgraph is tensor -1", model -> model.getSubgraphs()[0].setOutputs(new int[] {-1}));
        refused("operator code 7 of 1", model -> model.getSubgraphs()[0].getOperators()[0].setOpcodeIndex(7));
        refused("buffer 9 of 1", model -> model.getSubgraphs()[0].getTensors()[0].setBuffer(9));
        refused("a signature has tensor 3 of 2", model -> model.getSignatureDefs()[0].getInputs()[0].setTensorIndex(3));
        refused(
                "a signature names 0 of 1 tensors",
                model -> model.getSignatureDefs()[0].setOutputs(new org.tensorflow.lite.schema.TensorMapT[0]));
        refused("without a name", model -> model.getSignatureDefs()[0].getInputs()[0].setName(""));
        refused("a signature has subgraph 1 of 1", model -> model.getSignatureDefs()[0].setSubgraphIndex(1));
        refused("metadata has buffer 5 of 1", model -> {
            MetadataT metadata = new MetadataT();
            metadata.setName("m");
            metadata.setBuffer(5);
            model.setMetadata(new MetadataT[] {metadata});
        });
        refused("no operator 5000", model -> model.getOperatorCodes()[0].setBuiltinCode(5000));
        refused("has no name", model -> {
            model.getOperatorCodes()[0].setBuiltinCode(BuiltinOperator.CUSTOM);
            model.getOperatorCodes()[0].setDeprecatedBuiltinCode((byte) BuiltinOperator.CUSTOM);
        });
    }

    @Test
    void shapes_that_cannot_be_are_refused() {
        refused("the dimension -4", model -> model.getSubgraphs()[0].getTensors()[0].setShape(new int[] {1, -4}));
        refused(
                "too large together",
                model -> model.getSubgraphs()[0].getTensors()[0].setShape(
                        new int[] {1 << 30, 1 << 30, 1 << 30, 1 << 30}));
        refused("2 GiB", model -> model.getSubgraphs()[0].getTensors()[0].setShape(new int[] {1 << 30, 4}));
        refused("17 dimensions", model -> model.getSubgraphs()[0].getTensors()[0].setShape(new int[17]));
        refused("tensor type 99", model -> model.getSubgraphs()[0].getTensors()[0].setType((byte) 99));
    }

    @Test
    void a_constant_must_be_as_large_as_its_shape() {
        assertThatCode(() -> check(changed(model -> constant(model, 16)))).doesNotThrowAnyException();
        refused("a constant has 12 bytes", model -> constant(model, 12));
        refused("a constant has 20 bytes", model -> constant(model, 20));
    }

    private static void constant(ModelT model, int bytes) {
        BufferT empty = new BufferT();
        empty.setData(new int[0]);
        BufferT data = new BufferT();
        data.setData(new int[bytes]);
        model.setBuffers(new BufferT[] {empty, data});
        model.getSubgraphs()[0].getTensors()[0].setBuffer(1);
    }

    @Test
    void a_subgraph_that_runs_itself_is_refused() {
        refused("subgraph 0 runs itself", model -> {
            WhileOptionsT options = new WhileOptionsT();
            options.setCondSubgraphIndex(0);
            options.setBodySubgraphIndex(0);
            BuiltinOptionsUnion union = new BuiltinOptionsUnion();
            union.setType(BuiltinOptions.WhileOptions);
            union.setValue(options);
            model.getSubgraphs()[0].getOperators()[0].setBuiltinOptions(union);
            model.getOperatorCodes()[0].setBuiltinCode(BuiltinOperator.WHILE);
            model.getOperatorCodes()[0].setDeprecatedBuiltinCode((byte) BuiltinOperator.WHILE);
        });
    }
}
