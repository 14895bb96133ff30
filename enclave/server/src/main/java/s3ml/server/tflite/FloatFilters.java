package s3ml.server.tflite;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Widens the filters of depthwise convolutions of models whose weights alone are quantised ("dynamic range").
///
/// XNNPACK has no kernel for float values and an eight-bit depthwise filter. It leaves those operators to TensorFlow
/// Lite, which cuts the model into pieces: values between them are kept in a second arena, two pools of threads take
/// turns, and the slower kernel rounds values to eight bits. These filters are a hundredth of a model, so they are
/// written as floats behind its end, and the whole graph becomes XNNPACK's. A filter times its scale is exact in a
/// float; results differ from those of the slower kernel by its rounding.
///
/// The package and its digest stay as they are: this is done to the copy in memory that TensorFlow Lite has verified.
public final class FloatFilters {
    // Numbers of schema.fbs, version 3.
    private static final byte FLOAT32 = 0;
    private static final byte INT8 = 9;
    private static final int DEPTHWISE_CONV_2D = 4;
    private static final int MODEL_CODES = 1;
    private static final int MODEL_GRAPHS = 2;
    private static final int MODEL_BUFFERS = 4;
    private static final int CODE_BEFORE_127 = 0;
    private static final int CODE = 3;
    private static final int GRAPH_TENSORS = 0;
    private static final int GRAPH_INPUTS = 1;
    private static final int GRAPH_OUTPUTS = 2;
    private static final int GRAPH_OPERATORS = 3;
    private static final int OPERATOR_CODE = 0;
    private static final int OPERATOR_INPUTS = 1;
    private static final int TENSOR_SHAPE = 0;
    private static final int TENSOR_TYPE = 1;
    private static final int TENSOR_BUFFER = 2;
    private static final int TENSOR_QUANTISATION = 4;
    private static final int TENSOR_VARIABLE = 5;
    private static final int TENSOR_SPARSITY = 6;
    private static final int SCALES = 2;
    private static final int ZERO_POINTS = 3;
    private static final int DETAILS = 4;
    private static final int DIMENSION = 6;
    private static final int BUFFER_DATA = 0;

    /// The operand of a depthwise convolution that is its filter, and the filter's dimension of channels.
    private static final int FILTER = 1;

    private static final int CHANNELS = 3;
    private static final int VECTOR_ALIGNMENT = 16;
    private static final int LENGTH_BYTES = 4;
    private static final int BUFFER_ALIGNMENT = 64;

    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final FlatTable model;
    private final FlatTable.Vector buffers;

    private FloatFilters(FlatTable model) {
        this.model = model;
        this.buffers = model.vector(MODEL_BUFFERS, Integer.BYTES);
    }

    /// A filter, and where it goes.
    ///
    /// @param type where the tensor's type stands
    /// @param field where the distance to the bytes of its buffer stands
    /// @param data eight-bit values
    /// @param at where its floats begin, a multiple of 16
    private record Filter(long type, long field, FlatTable.Vector data, List<Float> scales, long at) {
        void write(MemorySegment bytes) {
            bytes.set(ValueLayout.JAVA_BYTE, type, FLOAT32);
            bytes.set(INT, field, (int) (at - LENGTH_BYTES - field));
            bytes.set(INT, at - LENGTH_BYTES, data.count() * Float.BYTES);
            for (int i = 0; i < data.count(); i++) {
                byte value = bytes.get(ValueLayout.JAVA_BYTE, data.start() + i);
                float product = value * scales.get(i % scales.size());
                bytes.set(INT, at + (long) i * Float.BYTES, Float.floatToRawIntBits(product));
            }
        }

        long end() {
            return at + (long) data.count() * Float.BYTES;
        }
    }

    /// The model with float filters, in place of the given one, which is closed then; or the given one if it has none
    /// to widen.
    ///
    /// @param model a flatbuffer that TensorFlow Lite has verified
    public static ModelBuffer widened(ModelBuffer model) {
        try {
            List<Filter> filters = new FloatFilters(FlatTable.root(model.bytes())).filters(model.size());
            if (filters.isEmpty() || filters.getLast().end() > Integer.MAX_VALUE) {
                return model;
            }
            ModelBuffer wide = ModelBuffer.filledBy(arena -> copy(model, filters, arena));
            model.close();
            return wide;
        } catch (FlatTable.Malformed unusual) {
            // Not the layout that is known here: TensorFlow Lite runs it as it is.
            return model;
        }
    }

    private static MemorySegment copy(ModelBuffer model, List<Filter> filters, Arena arena) {
        MemorySegment wide = arena.allocate(filters.getLast().end(), BUFFER_ALIGNMENT);
        wide.asSlice(0, model.size()).copyFrom(model.bytes());
        filters.forEach(filter -> filter.write(wide));
        return wide;
    }

    private List<Filter> filters(long end) {
        List<Filter> filters = new ArrayList<>();
        FlatTable.Vector graphs = model.vector(MODEL_GRAPHS, Integer.BYTES);
        int[] users = users(graphs);
        long next = end;
        for (int g = 0; g < graphs.count(); g++) {
            for (FlatTable tensor : eligible(graphs.table(g))) {
                int number = tensor.number(TENSOR_BUFFER);
                FlatTable buffer = at(buffers, number);
                FlatTable.Vector data = buffer.vector(BUFFER_DATA, Byte.BYTES);
                if (users[number] == 1 && data.count() > 0) {
                    long at = (next + LENGTH_BYTES + VECTOR_ALIGNMENT - 1) / VECTOR_ALIGNMENT * VECTOR_ALIGNMENT;
                    long type = tensor.field(TENSOR_TYPE, Byte.BYTES);
                    long field = buffer.field(BUFFER_DATA, Integer.BYTES);
                    filters.add(new Filter(type, field, data, scales(tensor), at));
                    next = filters.getLast().end();
                }
            }
        }
        return filters;
    }

    private static FlatTable at(FlatTable.Vector tables, int index) {
        if (index < 0 || index >= tables.count()) {
            throw new FlatTable.Malformed("a table " + index + " of " + tables.count());
        }
        return tables.table(index);
    }

    private static List<Float> scales(FlatTable tensor) {
        FlatTable quantisation = tensor.table(TENSOR_QUANTISATION);
        List<Float> scales = new ArrayList<>();
        if (quantisation != null) {
            FlatTable.Vector vector = quantisation.vector(SCALES, Float.BYTES);
            for (int i = 0; i < vector.count(); i++) {
                scales.add(Float.intBitsToFloat(vector.number(i)));
            }
        }
        return scales;
    }

    /// How many tensors name each buffer.
    private int[] users(FlatTable.Vector graphs) {
        int[] users = new int[buffers.count()];
        for (int g = 0; g < graphs.count(); g++) {
            FlatTable.Vector tensors = graphs.table(g).vector(GRAPH_TENSORS, Integer.BYTES);
            for (int t = 0; t < tensors.count(); t++) {
                int number = tensors.table(t).number(TENSOR_BUFFER);
                at(buffers, number);
                users[number]++;
            }
        }
        return users;
    }

    /// The tensors of a graph that are nothing but filters as described above.
    private List<FlatTable> eligible(FlatTable graph) {
        FlatTable.Vector tensors = graph.vector(GRAPH_TENSORS, Integer.BYTES);
        FlatTable.Vector operators = graph.vector(GRAPH_OPERATORS, Integer.BYTES);
        Map<Integer, FlatTable> found = new TreeMap<>();
        List<Integer> otherwise = new ArrayList<>();
        addAll(otherwise, graph.vector(GRAPH_INPUTS, Integer.BYTES), -1);
        addAll(otherwise, graph.vector(GRAPH_OUTPUTS, Integer.BYTES), -1);
        for (int o = 0; o < operators.count(); o++) {
            FlatTable operator = operators.table(o);
            FlatTable.Vector inputs = operator.vector(OPERATOR_INPUTS, Integer.BYTES);
            boolean filter = isDepthwise(operator)
                    && inputs.count() > FILTER
                    && at(tensors, inputs.number(0)).octet(TENSOR_TYPE) == FLOAT32
                    && isSymmetric(at(tensors, inputs.number(FILTER)));
            if (filter) {
                found.put(inputs.number(FILTER), at(tensors, inputs.number(FILTER)));
            }
            addAll(otherwise, inputs, filter ? FILTER : -1);
        }
        otherwise.forEach(found::remove);
        return List.copyOf(found.values());
    }

    private static void addAll(List<Integer> numbers, FlatTable.Vector vector, int but) {
        for (int i = 0; i < vector.count(); i++) {
            if (i != but) {
                numbers.add(vector.number(i));
            }
        }
    }

    private boolean isDepthwise(FlatTable operator) {
        FlatTable code = at(model.vector(MODEL_CODES, Integer.BYTES), operator.number(OPERATOR_CODE));
        return Math.max(code.octet(CODE_BEFORE_127), code.number(CODE)) == DEPTHWISE_CONV_2D;
    }

    /// Eight-bit constants around zero, with one scale or one for each channel.
    private static boolean isSymmetric(FlatTable tensor) {
        FlatTable.Vector shape = tensor.vector(TENSOR_SHAPE, Integer.BYTES);
        FlatTable quantisation = tensor.table(TENSOR_QUANTISATION);
        if (tensor.octet(TENSOR_TYPE) != INT8
                || shape.count() != CHANNELS + 1
                || quantisation == null
                || tensor.octet(TENSOR_VARIABLE) != 0
                || tensor.has(TENSOR_SPARSITY)) {
            return false;
        }
        int scales = quantisation.vector(SCALES, Float.BYTES).count();
        boolean fits = scales == 1 || (scales == shape.number(CHANNELS) && quantisation.number(DIMENSION) == CHANNELS);
        // Eight-bit numbers in 64 bits: the lower half says all.
        FlatTable.Vector zeros = quantisation.vector(ZERO_POINTS, Long.BYTES);
        for (int i = 0; i < zeros.count(); i++) {
            fits &= zeros.number(i) == 0;
        }
        return fits && quantisation.octet(DETAILS) == 0;
    }
}
