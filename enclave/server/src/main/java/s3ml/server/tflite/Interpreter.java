package s3ml.server.tflite;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorSpec;

/// One loaded model, ready to run.
///
/// Not thread-safe: exactly one thread uses it at a time, and whoever passes it on publishes it safely. It owns its
/// model buffer; [#close()] gives all memory back. Segments handed out are the tensors themselves: valid until the next
/// [#resize], [#allocate] or [#close()].
///
/// Faults: `SRV-102` not a TensorFlow Lite model; `SRV-103` the model cannot be prepared (an operator is missing, a
/// tensor type is not servable); `SRV-104` shapes that its operators refuse; `SRV-105` an operator failed while
/// running.
public final class Interpreter implements AutoCloseable {
    private final ModelBuffer buffer;
    private final MemorySegment model;
    private final XnnpackDelegate delegate;
    private final MemorySegment interpreter;
    private final int threads;
    private final Tensors tensors;
    private boolean closed;

    private Interpreter(
            ModelBuffer buffer, MemorySegment model, XnnpackDelegate delegate, MemorySegment interpreter, int threads) {
        this.buffer = buffer;
        this.model = model;
        this.delegate = delegate;
        this.interpreter = interpreter;
        this.threads = threads;
        this.tensors = Tensors.of(interpreter);
    }

    /// Takes the buffer over, also when it throws.
    ///
    /// @param threads of the kernels, > 0; they spin while a model runs, so more than cores costs time
    public static Interpreter open(ModelBuffer buffer, int threads) {
        try {
            ModelCheck.check(buffer.bytes());
        } catch (FlatTable.Malformed malformed) {
            String size = buffer.size() + " bytes: ";
            buffer.close();
            throw new S3mlException(
                    "SRV-102",
                    "refused the model before it was loaded",
                    size + malformed.getMessage(),
                    "pack the .tflite file again as the converter wrote it");
        }
        MemorySegment verified = model(buffer);
        ModelBuffer widened = FloatFilters.widened(buffer);
        if (widened == buffer) {
            return open(buffer, verified, threads);
        }
        Native.call(NativeTfLite.MODEL_DELETE, verified);
        return open(widened, model(widened), threads);
    }

    /// A second one of the same model, which shares its constants and nothing else: it may run beside this one in
    /// another thread. This one is open while the caller asks.
    public Interpreter another() {
        ModelBuffer shared = buffer.shared();
        return open(shared, model(shared), threads);
    }

    private static MemorySegment model(ModelBuffer buffer) {
        MemorySegment model = Native.address(
                NativeTfLite.MODEL_CREATE, buffer.bytes(), buffer.size(), ErrorText.REPORTER, MemorySegment.NULL);
        if (model.address() == 0) {
            buffer.close();
            throw new S3mlException(
                    "SRV-102",
                    "cannot load the model",
                    ErrorText.take("its " + buffer.size() + " bytes are not a TensorFlow Lite flatbuffer"),
                    "pack a .tflite file");
        }
        return model;
    }

    private static Interpreter open(ModelBuffer buffer, MemorySegment model, int threads) {
        XnnpackDelegate delegate;
        try {
            delegate = XnnpackDelegate.create(threads);
        } catch (S3mlException failure) {
            Native.call(NativeTfLite.MODEL_DELETE, model);
            buffer.close();
            throw failure;
        }
        MemorySegment interpreter = create(model, delegate, threads);
        if (interpreter.address() == 0) {
            delegate.close();
            Native.call(NativeTfLite.MODEL_DELETE, model);
            buffer.close();
            throw cannotPrepare(ErrorText.take("TensorFlow Lite gave no reason"));
        }
        return prepared(buffer, model, delegate, interpreter, threads);
    }

    private static Interpreter prepared(
            ModelBuffer buffer, MemorySegment model, XnnpackDelegate delegate, MemorySegment interpreter, int threads) {
        try {
            check(Native.integer(NativeTfLite.ALLOCATE, interpreter), "SRV-103", "cannot prepare the model");
            return new Interpreter(buffer, model, delegate, interpreter, threads);
        } catch (S3mlException failure) {
            delete(interpreter, delegate, model, buffer);
            throw failure;
        }
    }

    private static MemorySegment create(MemorySegment model, XnnpackDelegate delegate, int threads) {
        MemorySegment options = Native.address(NativeTfLite.OPTIONS_CREATE);
        Native.call(NativeTfLite.OPTIONS_THREADS, options, threads);
        Native.call(NativeTfLite.OPTIONS_REPORTER, options, ErrorText.REPORTER, MemorySegment.NULL);
        Native.call(NativeTfLite.OPTIONS_DELEGATE, options, delegate.address());
        MemorySegment interpreter = Native.address(NativeTfLite.CREATE, model, options);
        Native.call(NativeTfLite.OPTIONS_DELETE, options);
        return interpreter;
    }

    static S3mlException cannotPrepare(String why) {
        return new S3mlException(
                "SRV-103", "cannot prepare the model", why, "convert it with built-in TensorFlow Lite operators only");
    }

    /// Declared inputs, in the model's order, by their signature names.
    public List<TensorSpec> inputs() {
        return tensors.inputs();
    }

    /// Declared outputs, in the model's order, by their signature names.
    public List<TensorSpec> outputs() {
        return tensors.outputs();
    }

    /// Key of the signature whose names are used; empty when the model has none.
    public String signature() {
        return tensors.signatureKey();
    }

    /// Asks for another shape of an input; takes effect with [#allocate()].
    public void resize(int input, Shape shape) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment dims = arena.allocateFrom(JAVA_INT, shape.dims());
            int status = Native.integer(NativeTfLite.RESIZE, interpreter, input, dims, shape.rank());
            check(status, "SRV-104", "cannot give input " + input + " the shape " + shape);
        }
    }

    /// Plans memory for the present input shapes.
    public void allocate() {
        check(Native.integer(NativeTfLite.ALLOCATE, interpreter), "SRV-104", "cannot plan memory for these shapes");
    }

    /// The present shape of an input.
    public Shape inputShape(int input) {
        return Tensors.shape(inputTensor(input));
    }

    /// The shape of an output after the last [#invoke()].
    public Shape outputShape(int output) {
        return Tensors.shape(outputTensor(output));
    }

    /// Memory of an input of fixed element size, in full.
    public MemorySegment input(int input) {
        return Tensors.data(inputTensor(input));
    }

    /// Memory of an output after [#invoke()]; of a [DataType#BYTES] output TensorFlow Lite's string layout.
    public MemorySegment output(int output) {
        return Tensors.data(outputTensor(output));
    }

    /// Memory of `bytes` bytes for the string layout of a [DataType#BYTES] input.
    public MemorySegment stringInput(int input, long bytes) {
        MemorySegment tensor = inputTensor(input);
        check(Native.integer(NativeTfLite.TENSOR_REALLOC, bytes, tensor), "SRV-104", "cannot hold the strings");
        return Native.address(NativeTfLite.TENSOR_DATA, tensor).reinterpret(bytes);
    }

    /// Runs the model on what the inputs hold.
    public void invoke() {
        check(Native.integer(NativeTfLite.INVOKE, interpreter), "SRV-105", "the model failed");
    }

    /// Asked for each time: operators may add tensors when memory is planned, and then all of them move.
    private MemorySegment inputTensor(int index) {
        return Native.address(NativeTfLite.INPUT, interpreter, index);
    }

    private MemorySegment outputTensor(int index) {
        return Native.address(NativeTfLite.OUTPUT, interpreter, index);
    }

    private static void check(int status, String code, String what) {
        if (status != 0) {
            throw new S3mlException(
                    code, what, ErrorText.take("TensorFlow Lite status " + status), "check the model and its inputs");
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            delete(interpreter, delegate, model, buffer);
        }
    }

    /// In the reverse order of their making: the delegate's kernels live inside the interpreter.
    private static void delete(
            MemorySegment interpreter, XnnpackDelegate delegate, MemorySegment model, ModelBuffer buffer) {
        Native.call(NativeTfLite.DELETE, interpreter);
        delegate.close();
        Native.call(NativeTfLite.MODEL_DELETE, model);
        buffer.close();
        NativeTfLite.trim();
    }

    /// Inputs and outputs of an interpreter: what they are called and where they are.
    private record Tensors(List<TensorSpec> inputs, List<TensorSpec> outputs, String signatureKey) {
        static Tensors of(MemorySegment interpreter) {
            Signature signature = Signature.of(interpreter);
            int inputCount = Native.integer(NativeTfLite.INPUT_COUNT, interpreter);
            int outputCount = Native.integer(NativeTfLite.OUTPUT_COUNT, interpreter);
            List<TensorSpec> inputs = new ArrayList<>(inputCount);
            for (int i = 0; i < inputCount; i++) {
                MemorySegment tensor = Native.address(NativeTfLite.INPUT, interpreter, i);
                inputs.add(spec(tensor, signature.inputs().getOrDefault(tensor.address(), name(tensor))));
            }
            List<TensorSpec> outputs = new ArrayList<>(outputCount);
            for (int i = 0; i < outputCount; i++) {
                MemorySegment tensor = Native.address(NativeTfLite.OUTPUT, interpreter, i);
                outputs.add(spec(tensor, signature.outputs().getOrDefault(tensor.address(), name(tensor))));
            }
            return new Tensors(List.copyOf(inputs), List.copyOf(outputs), signature.key());
        }

        private static String name(MemorySegment tensor) {
            return NativeTfLite.text(Native.address(NativeTfLite.TENSOR_NAME, tensor));
        }

        private static TensorSpec spec(MemorySegment tensor, String name) {
            int code = Native.integer(NativeTfLite.TENSOR_TYPE, tensor);
            DataType type = DataType.ofTfLite(code)
                    .orElseThrow(() -> cannotPrepare("tensor \"" + name + "\" has TensorFlow Lite type " + code
                            + ", which the Open Inference Protocol cannot carry"));
            return new TensorSpec(name, type, declaredShape(tensor));
        }

        /// The shape with its free dimensions, which the plain accessors report as 1.
        private static Shape declaredShape(MemorySegment tensor) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment number = arena.allocate(JAVA_INT);
                int status = Native.integer(NativeTfLite.SIGNATURE_RANK, tensor, number);
                int rank = number.get(JAVA_INT, 0);
                // Operators that make up their shape declare none: then the planned one is all there is to say.
                if (status != 0 || rank <= 0) {
                    return shape(tensor);
                }
                int[] dims = new int[rank];
                for (int i = 0; i < rank; i++) {
                    Native.integer(NativeTfLite.SIGNATURE_DIM, tensor, i, number);
                    dims[i] = number.get(JAVA_INT, 0);
                }
                return Shape.of(dims);
            }
        }

        static Shape shape(MemorySegment tensor) {
            int[] dims = new int[Native.integer(NativeTfLite.TENSOR_RANK, tensor)];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = Native.integer(NativeTfLite.TENSOR_DIM, tensor, i);
            }
            return Shape.of(dims);
        }

        static MemorySegment data(MemorySegment tensor) {
            long bytes = Native.size(NativeTfLite.TENSOR_BYTES, tensor);
            return Native.address(NativeTfLite.TENSOR_DATA, tensor).reinterpret(bytes);
        }
    }
}
