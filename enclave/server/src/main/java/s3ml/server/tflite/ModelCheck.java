package s3ml.server.tflite;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import s3ml.server.tensor.StringLayout;
import s3ml.server.tflite.FlatTable.Malformed;
import s3ml.server.tflite.FlatTable.Vector;

/// Reads a `.tflite` file before native code does: its structure (every offset within the file) and what its numbers
/// mean to each other (tensor, buffer, operator and subgraph indices in range, constants as large as their shapes,
/// subgraphs that do not call themselves).
///
/// A package is authenticated, so this guards against an owner whose model was tampered with before it was packed, and
/// against faults in the native reader. It does not judge operators' options: TensorFlow Lite verifies those, and which
/// operators and versions it knows. Layout: TensorFlow Lite's `schema.fbs`, version 3.
final class ModelCheck {
    private static final int SCHEMA_VERSION = 3;
    private static final byte[] IDENTIFIER = "TFL3".getBytes(StandardCharsets.US_ASCII);
    private static final int HEAD = 8;

    /// Above what any version of TensorFlow Lite numbers its operators with.
    private static final int LARGEST_OPERATOR = 1023;

    private static final int CUSTOM = 32;

    /// Operators that run other subgraphs: CALL, IF, WHILE, CALL_ONCE.
    private static final Set<Integer> TWO_GRAPHS = Set.of(118, 119);

    private static final Set<Integer> ONE_GRAPH = Set.of(31, 129);

    /// Kernels stop at 8; what has more is nonsense.
    private static final int LARGEST_RANK = 16;

    private static final int STRING = 5;

    /// Bytes by type number; 0 for those whose size is not a whole number of bytes for each element.
    private static final int[] ELEMENT = {4, 2, 4, 1, 8, 0, 1, 2, 8, 1, 8, 16, 8, 0, 0, 4, 2, 0, 2, 0, 0};

    private final Vector buffers;
    private final Vector codes;
    private final Vector graphs;
    private final long size;
    private final List<Set<Integer>> calls = new ArrayList<>();

    private ModelCheck(FlatTable model, long size) {
        this.size = size;
        this.codes = model.vector(1, Integer.BYTES);
        this.graphs = model.vector(2, Integer.BYTES);
        this.buffers = model.vector(4, Integer.BYTES);
    }

    /// Reads all of it.
    ///
    /// @throws Malformed naming the first thing that cannot be
    static void check(MemorySegment bytes) {
        if (bytes.byteSize() < HEAD
                || bytes.asSlice(IDENTIFIER.length, IDENTIFIER.length).mismatch(MemorySegment.ofArray(IDENTIFIER))
                        != -1) {
            throw new Malformed("it does not have the mark TFL3");
        }
        FlatTable model = FlatTable.root(bytes);
        require(model.number(0) == SCHEMA_VERSION, "its schema version is " + model.number(0));
        new ModelCheck(model, bytes.byteSize()).all(model);
    }

    private void all(FlatTable model) {
        require(graphs.count() > 0, "it has no subgraph");
        for (int i = 0; i < buffers.count(); i++) {
            buffer(buffers.table(i));
        }
        for (int i = 0; i < codes.count(); i++) {
            code(codes.table(i));
        }
        for (int i = 0; i < graphs.count(); i++) {
            graph(graphs.table(i));
        }
        for (int i = 0; i < calls.size(); i++) {
            refuseCycle(i, new HashSet<>(), new HashSet<>());
        }
        Vector metadata = model.vector(6, Integer.BYTES);
        for (int i = 0; i < metadata.count(); i++) {
            index(metadata.table(i).number(1), buffers.count(), "metadata", "buffer");
        }
        Vector signatures = model.vector(7, Integer.BYTES);
        for (int i = 0; i < signatures.count(); i++) {
            signature(signatures.table(i));
        }
    }

    private void buffer(FlatTable buffer) {
        buffer.vector(0, 1);
        outside(buffer.wide(1), buffer.wide(2));
    }

    /// Since TensorFlow 2.15 large contents may lie behind the flatbuffer; an offset of 0 or 1 says that they do not.
    private void outside(long offset, long length) {
        boolean within = offset >= 0 && length >= 0 && offset <= size - length;
        if (!within) {
            throw new Malformed("contents at " + offset + " of " + length + " bytes leave the file");
        }
    }

    private static void code(FlatTable code) {
        int number = Math.max(code.octet(0), code.number(3));
        require(number >= 0 && number <= LARGEST_OPERATOR, "there is no operator " + number);
        require(number != CUSTOM || code.vector(1, 1).count() > 0, "a custom operator has no name");
    }

    private void graph(FlatTable graph) {
        Vector tensors = graph.vector(0, Integer.BYTES);
        for (int i = 0; i < tensors.count(); i++) {
            tensor(tensors.table(i));
        }
        int count = tensors.count();
        indices(graph.vector(1, Integer.BYTES), 0, count, "an input of a subgraph");
        indices(graph.vector(2, Integer.BYTES), 0, count, "an output of a subgraph");
        Vector operators = graph.vector(3, Integer.BYTES);
        Set<Integer> called = new HashSet<>();
        for (int i = 0; i < operators.count(); i++) {
            operator(operators.table(i), count, called);
        }
        calls.add(called);
    }

    private void operator(FlatTable operator, int tensors, Set<Integer> called) {
        int code = operator.number(0);
        index(code, codes.count(), "an operator", "operator code");
        // -1 stands for an input that is left out.
        indices(operator.vector(1, Integer.BYTES), -1, tensors, "an input of an operator");
        indices(operator.vector(2, Integer.BYTES), -1, tensors, "an output of an operator");
        indices(operator.vector(8, Integer.BYTES), -1, tensors, "an intermediate of an operator");
        operator.vector(5, 1);
        operator.vector(7, 1);
        outside(operator.wide(9), operator.wide(10));
        FlatTable options = operator.table(4);
        operator.table(12);
        FlatTable described = codes.table(code);
        int number = Math.max(described.octet(0), described.number(3));
        int inner = TWO_GRAPHS.contains(number) ? 2 : ONE_GRAPH.contains(number) ? 1 : 0;
        for (int i = 0; i < inner; i++) {
            int graph = options == null ? 0 : options.number(i);
            index(graph, graphs.count(), "an operator", "subgraph");
            called.add(graph);
        }
    }

    private void tensor(FlatTable tensor) {
        int type = tensor.octet(1);
        require(type >= 0 && type < ELEMENT.length, "there is no tensor type " + type);
        Vector shape = tensor.vector(0, Integer.BYTES);
        require(shape.count() <= LARGEST_RANK, "a tensor has " + shape.count() + " dimensions");
        long elements = 1;
        for (int i = 0; i < shape.count(); i++) {
            int dim = shape.number(i);
            if (dim < 0) {
                throw new Malformed("a tensor has the dimension " + dim);
            }
            elements = product(elements, dim);
        }
        require(product(elements, Math.max(1, ELEMENT[type])) <= Integer.MAX_VALUE, "a tensor is larger than 2 GiB");
        Vector signature = tensor.vector(7, Integer.BYTES);
        require(signature.count() <= LARGEST_RANK, "a tensor has " + signature.count() + " dimensions");
        for (int i = 0; i < signature.count(); i++) {
            require(signature.number(i) >= -1, "a tensor has the free dimension " + signature.number(i));
        }
        tensor.vector(3, 1);
        quantization(tensor.table(4));
        int number = tensor.number(2);
        index(number, buffers.count(), "a tensor", "buffer");
        Vector data = buffers.table(number).vector(0, 1);
        // Sparse constants are shorter than their shape; their kernel checks them.
        if (data.count() > 0 && !tensor.has(6)) {
            contents(type, elements, data);
        }
    }

    private static void contents(int type, long elements, Vector data) {
        if (type == STRING) {
            try {
                StringLayout.toProtocol(data.contents());
            } catch (IllegalArgumentException malformed) {
                throw new Malformed(String.valueOf(malformed.getMessage()));
            }
        } else if (ELEMENT[type] > 0) {
            require(
                    product(elements, ELEMENT[type]) == data.bytes(),
                    "a constant has " + data.bytes() + " bytes for " + elements + " elements of " + ELEMENT[type]);
        }
    }

    private static void quantization(@Nullable FlatTable quantization) {
        if (quantization == null) {
            return;
        }
        quantization.vector(0, Float.BYTES);
        quantization.vector(1, Float.BYTES);
        Vector scales = quantization.vector(2, Float.BYTES);
        Vector zeros = quantization.vector(3, Long.BYTES);
        require(
                scales.count() == 0 || zeros.count() == 0 || scales.count() == zeros.count(),
                "a tensor has " + scales.count() + " scales and " + zeros.count() + " zero points");
    }

    private void signature(FlatTable signature) {
        int graph = signature.number(4);
        index(graph, graphs.count(), "a signature", "subgraph");
        FlatTable described = graphs.table(graph);
        int tensors = described.vector(0, Integer.BYTES).count();
        require(signature.vector(2, 1).count() > 0, "a signature has no key");
        for (int side = 0; side < 2; side++) {
            Vector maps = signature.vector(side, Integer.BYTES);
            // Native code walks as many names as the subgraph has inputs or outputs, and does not ask whether they are
            // there.
            int declared = described.vector(1 + side, Integer.BYTES).count();
            require(maps.count() == declared, "a signature names " + maps.count() + " of " + declared + " tensors");
            Set<String> names = new HashSet<>();
            for (int i = 0; i < maps.count(); i++) {
                FlatTable map = maps.table(i);
                byte[] name = map.vector(0, 1).contents().toArray(ValueLayout.JAVA_BYTE);
                require(
                        name.length > 0 && names.add(new String(name, StandardCharsets.ISO_8859_1)),
                        "a signature has a tensor without a name, or two of the same");
                index(map.number(1), tensors, "a signature", "tensor");
            }
        }
    }

    /// Native code would follow a subgraph that runs itself until its stack is at the end.
    private void refuseCycle(int graph, Set<Integer> above, Set<Integer> done) {
        require(above.add(graph), "subgraph " + graph + " runs itself");
        require(above.size() <= LARGEST_RANK, "subgraphs run each other more than " + LARGEST_RANK + " deep");
        for (int called : calls.get(graph)) {
            if (!done.contains(called)) {
                refuseCycle(called, above, done);
            }
        }
        above.remove(graph);
        done.add(graph);
    }

    private static void indices(Vector values, int least, int count, String whose) {
        for (int i = 0; i < values.count(); i++) {
            int value = values.number(i);
            if (value < least || value >= count) {
                throw new Malformed(whose + " is tensor " + value + " of " + count);
            }
        }
    }

    private static void index(int value, int count, String whose, String what) {
        if (value < 0 || value >= count) {
            throw new Malformed(whose + " has " + what + " " + value + " of " + count);
        }
    }

    private static long product(long a, long b) {
        if (a != 0 && b > Long.MAX_VALUE / a) {
            throw new Malformed("the dimensions of a tensor are too large together");
        }
        return a * b;
    }

    private static void require(boolean holds, String fault) {
        if (!holds) {
            throw new Malformed(fault);
        }
    }
}
