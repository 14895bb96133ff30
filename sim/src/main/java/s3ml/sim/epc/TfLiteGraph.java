package s3ml.sim.epc;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Sizes of a TensorFlow Lite model's tensors by the operators that use them. Layout: `schema.fbs`, version 3.
///
/// @param weightBytes per operator that runs, the bytes of the constants it reads first
/// @param activationBytes what the inputs and outputs of the hungriest operator take
record TfLiteGraph(List<Long> weightBytes, long activationBytes) {
    private static final int MOST_ENTRIES = 1 << 20;
    /// Bytes by type number: float, half, int32, uint8, int64, string, bool, int16, complex64, int8, double ...
    private static final int[] TYPE_BYTES = {4, 2, 4, 1, 8, 0, 1, 2, 8, 1, 8, 16, 8, 0, 0, 4, 2, 1};

    TfLiteGraph {
        weightBytes = List.copyOf(weightBytes);
    }

    private static final int FLOAT = 0;
    private static final int HALF = 1;
    private static final int INT8 = 9;

    /// @param constant whether its values are known before the model runs
    private record Tensor(int type, long elements, boolean constant) {
        long bytes() {
            return elements * (type < TYPE_BYTES.length ? TYPE_BYTES[type] : TYPE_BYTES[FLOAT]);
        }

        /// Weights stored small for an operator that computes in floats are unpacked to floats once.
        long unpackedBytes(boolean floats) {
            return floats && (type == HALF || type == INT8) ? elements * TYPE_BYTES[FLOAT] : bytes();
        }
    }

    private record Operator(List<Integer> inputs, List<Integer> outputs) {}

    /// Reads the main subgraph.
    ///
    /// @throws IndexOutOfBoundsException or IllegalArgumentException when the bytes are no model
    static TfLiteGraph parse(ByteBuffer bytes) {
        Flat model = new Flat(bytes, 0).follow(0);
        Flat graph = model.vectorOfTables(2).getFirst();
        List<Flat> buffers = model.vectorOfTables(4);
        List<Tensor> tensors = new ArrayList<>();
        for (Flat tensor : graph.vectorOfTables(0)) {
            boolean filled = buffers.get(tensor.number(2)).vectorLength(0) > 0;
            tensors.add(new Tensor(tensor.octet(1), elements(tensor), filled));
        }
        List<Operator> operators = new ArrayList<>();
        for (Flat operator : graph.vectorOfTables(3)) {
            operators.add(new Operator(operator.numbers(1), operator.numbers(2)));
        }
        return count(tensors, operators);
    }

    private static long elements(Flat tensor) {
        long elements = 1;
        for (int dim : tensor.numbers(0)) {
            elements = Math.multiplyExact(elements, Math.max(1, dim));
        }
        return elements;
    }

    private static TfLiteGraph count(List<Tensor> tensors, List<Operator> operators) {
        Set<Integer> seen = new HashSet<>();
        List<Long> weights = new ArrayList<>();
        long most = 0;
        for (Operator operator : operators) {
            List<Integer> inputs =
                    operator.inputs().stream().filter(i -> i >= 0).toList();
            if (!inputs.isEmpty()
                    && inputs.stream().allMatch(i -> tensors.get(i).constant())) {
                operator.outputs()
                        .forEach(i -> tensors.set(
                                i,
                                new Tensor(tensors.get(i).type(), tensors.get(i).elements(), true)));
                continue;
            }
            boolean floats =
                    inputs.stream().map(tensors::get).anyMatch(tensor -> !tensor.constant() && tensor.type() == FLOAT);
            long read = 0;
            long live = 0;
            for (int input : inputs) {
                Tensor tensor = tensors.get(input);
                live += tensor.constant() ? 0 : tensor.bytes();
                read += tensor.constant() && seen.add(input) ? tensor.unpackedBytes(floats) : 0;
            }
            for (int output : operator.outputs()) {
                live += tensors.get(output).bytes();
            }
            weights.add(read);
            most = Math.max(most, live);
        }
        return new TfLiteGraph(weights, most);
    }

    /// A table of a flatbuffer: a signed offset to its field offsets, then the fields.
    private record Flat(ByteBuffer bytes, int at) {
        /// The table that the offset at this many bytes from here leads to.
        Flat follow(int from) {
            int where = at + from;
            return new Flat(bytes, Math.addExact(where, bytes.getInt(where)));
        }

        /// Position of a field; 0 when it is absent.
        private int field(int index) {
            int offsets = at - bytes.getInt(at);
            int slot = 4 + 2 * index;
            int length = Short.toUnsignedInt(bytes.getShort(offsets));
            int offset = slot < length ? Short.toUnsignedInt(bytes.getShort(offsets + slot)) : 0;
            return offset == 0 ? 0 : at + offset;
        }

        int number(int index) {
            int field = field(index);
            return field == 0 ? 0 : bytes.getInt(field);
        }

        int octet(int index) {
            int field = field(index);
            return field == 0 ? 0 : bytes.get(field);
        }

        int vectorLength(int index) {
            int field = field(index);
            return field == 0 ? 0 : bytes.getInt(Math.addExact(field, bytes.getInt(field)));
        }

        private int checkedLength(int index) {
            int length = vectorLength(index);
            if (length < 0 || length > MOST_ENTRIES) {
                throw new IllegalArgumentException("a vector of " + length + " entries");
            }
            return length;
        }

        List<Integer> numbers(int index) {
            int length = checkedLength(index);
            List<Integer> numbers = new ArrayList<>();
            if (length > 0) {
                int field = field(index);
                int start = field + bytes.getInt(field) + 4;
                for (int i = 0; i < length; i++) {
                    numbers.add(bytes.getInt(start + 4 * i));
                }
            }
            return numbers;
        }

        List<Flat> vectorOfTables(int index) {
            int length = checkedLength(index);
            List<Flat> tables = new ArrayList<>();
            if (length > 0) {
                int field = field(index);
                int start = field + bytes.getInt(field) + 4;
                for (int i = 0; i < length; i++) {
                    tables.add(new Flat(bytes, start + 4 * i).follow(0));
                }
            }
            return tables;
        }
    }
}
