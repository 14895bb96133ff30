package s3ml.server.tflite;

import com.google.flatbuffers.FlatBufferBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.zip.ZipFile;
import org.tensorflow.lite.schema.AddOptionsT;
import org.tensorflow.lite.schema.BufferT;
import org.tensorflow.lite.schema.BuiltinOperator;
import org.tensorflow.lite.schema.BuiltinOptions;
import org.tensorflow.lite.schema.BuiltinOptionsUnion;
import org.tensorflow.lite.schema.DepthwiseConv2DOptionsT;
import org.tensorflow.lite.schema.Model;
import org.tensorflow.lite.schema.ModelT;
import org.tensorflow.lite.schema.OperatorCodeT;
import org.tensorflow.lite.schema.OperatorT;
import org.tensorflow.lite.schema.Padding;
import org.tensorflow.lite.schema.QuantizationParametersT;
import org.tensorflow.lite.schema.SignatureDefT;
import org.tensorflow.lite.schema.SubGraphT;
import org.tensorflow.lite.schema.TensorMapT;
import org.tensorflow.lite.schema.TensorT;
import org.tensorflow.lite.schema.TensorType;

/// Models for tests: tiny ones that are built here, and a real detector that the build fetched.
public final class Models {
    private Models() {}

    /// `sum = x + x`, elementwise, with the signature names `x` and `sum`.
    ///
    /// @param type a [TensorType] that ADD knows
    /// @param shape declared shape; -1 for a free dimension
    public static byte[] doubling(byte type, int... shape) {
        OperatorT add = new OperatorT();
        add.setInputs(new int[] {0, 0});
        add.setOutputs(new int[] {1});
        BuiltinOptionsUnion options = new BuiltinOptionsUnion();
        options.setType(BuiltinOptions.AddOptions);
        options.setValue(new AddOptionsT());
        add.setBuiltinOptions(options);
        return oneOperator(BuiltinOperator.ADD, add, tensor("serving_x:0", type, shape), tensor("call:0", type, shape));
    }

    /// The same tensor out as in, of any type: RESHAPE to the declared shape.
    public static byte[] identity(byte type, int... shape) {
        OperatorT reshape = new OperatorT();
        reshape.setInputs(new int[] {0});
        reshape.setOutputs(new int[] {1});
        org.tensorflow.lite.schema.ReshapeOptionsT to = new org.tensorflow.lite.schema.ReshapeOptionsT();
        to.setNewShape(shape);
        BuiltinOptionsUnion options = new BuiltinOptionsUnion();
        options.setType(BuiltinOptions.ReshapeOptions);
        options.setValue(to);
        reshape.setBuiltinOptions(options);
        return oneOperator(
                BuiltinOperator.RESHAPE, reshape, tensor("serving_x:0", type, shape), tensor("call:0", type, shape));
    }

    /// A depthwise convolution of 1x2x2x2 floats by the eight-bit filter 1x2x2x2 of -4 to 3, with a scale for each of
    /// the two channels: one value for each. With `shared` another tensor has the same bytes.
    public static byte[] depthwise(float[] scales, boolean shared) {
        TensorT filter = tensor("filter", TensorType.INT8, 1, 2, 2, 2);
        filter.setBuffer(1);
        QuantizationParametersT quantisation = new QuantizationParametersT();
        quantisation.setScale(scales);
        quantisation.setZeroPoint(new long[scales.length]);
        quantisation.setQuantizedDimension(3);
        filter.setQuantization(quantisation);
        OperatorT node = new OperatorT();
        node.setInputs(new int[] {0, 2, 3});
        node.setOutputs(new int[] {1});
        DepthwiseConv2DOptionsT how = new DepthwiseConv2DOptionsT();
        how.setPadding(Padding.VALID);
        how.setStrideW(1);
        how.setStrideH(1);
        how.setDilationWFactor(1);
        how.setDilationHFactor(1);
        how.setDepthMultiplier(1);
        BuiltinOptionsUnion options = new BuiltinOptionsUnion();
        options.setType(BuiltinOptions.DepthwiseConv2DOptions);
        options.setValue(how);
        node.setBuiltinOptions(options);
        TensorT bias = tensor("bias", TensorType.FLOAT32, 2);
        bias.setBuffer(2);
        TensorT other = tensor("other", TensorType.INT8, 1, 2, 2, 2);
        other.setBuffer(shared ? 1 : 0);
        ModelT model = Model.getRootAsModel(java.nio.ByteBuffer.wrap(oneOperator(
                        BuiltinOperator.DEPTHWISE_CONV_2D,
                        node,
                        tensor("serving_x:0", TensorType.FLOAT32, 1, 2, 2, 2),
                        tensor("call:0", TensorType.FLOAT32, 1, 1, 1, 2))))
                .unpack();
        SubGraphT graph = model.getSubgraphs()[0];
        TensorT[] tensors = graph.getTensors();
        graph.setTensors(new TensorT[] {tensors[0], tensors[1], filter, bias, other});
        BufferT filterBytes = new BufferT();
        filterBytes.setData(new int[] {-4, -3, -2, -1, 0, 1, 2, 3});
        BufferT biasBytes = new BufferT();
        biasBytes.setData(new int[2 * Float.BYTES]);
        model.setBuffers(new BufferT[] {model.getBuffers()[0], filterBytes, biasBytes});
        return packed(model);
    }

    private static TensorT tensor(String name, byte type, int... shape) {
        TensorT tensor = new TensorT();
        tensor.setName(name);
        tensor.setType(type);
        int[] concrete = shape.clone();
        for (int i = 0; i < concrete.length; i++) {
            concrete[i] = Math.abs(concrete[i]);
        }
        tensor.setShape(concrete);
        tensor.setShapeSignature(shape);
        return tensor;
    }

    private static byte[] oneOperator(int operator, OperatorT node, TensorT input, TensorT output) {
        SubGraphT graph = new SubGraphT();
        graph.setTensors(new TensorT[] {input, output});
        graph.setInputs(new int[] {0});
        graph.setOutputs(new int[] {1});
        graph.setOperators(new OperatorT[] {node});
        OperatorCodeT code = new OperatorCodeT();
        code.setBuiltinCode(operator);
        code.setDeprecatedBuiltinCode((byte) operator);
        code.setVersion(1);
        SignatureDefT signature = new SignatureDefT();
        signature.setSignatureKey("serving_default");
        signature.setInputs(new TensorMapT[] {named("x", 0)});
        signature.setOutputs(new TensorMapT[] {named("sum", 1)});
        ModelT model = new ModelT();
        model.setVersion(3);
        model.setDescription("made by a test");
        model.setOperatorCodes(new OperatorCodeT[] {code});
        model.setSubgraphs(new SubGraphT[] {graph});
        BufferT empty = new BufferT();
        empty.setData(new int[0]);
        model.setBuffers(new BufferT[] {empty});
        model.setSignatureDefs(new SignatureDefT[] {signature});
        return packed(model);
    }

    private static byte[] packed(ModelT model) {
        FlatBufferBuilder builder = new FlatBufferBuilder(1024);
        Model.finishModelBuffer(builder, Model.pack(builder, model));
        return builder.sizedByteArray();
    }

    private static TensorMapT named(String name, int tensor) {
        TensorMapT map = new TensorMapT();
        map.setName(name);
        map.setTensorIndex(tensor);
        return map;
    }

    /// A detector of balls, cubes, ducks and markers: float 1x300x300x3 to boxes, classes, scores and their count.
    public static byte[] detector() {
        Path archive = Path.of(System.getProperty("s3ml.test.models"), "detector.aar");
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            return zip.getInputStream(zip.getEntry("assets/FreightFrenzy_BCDM.tflite"))
                    .readAllBytes();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The bytes where an interpreter wants them.
    public static ModelBuffer buffer(byte[] model) {
        return ModelBuffer.filledBy(arena -> {
            MemorySegment bytes = arena.allocate(model.length, 64);
            return bytes.copyFrom(MemorySegment.ofArray(model));
        });
    }
}
