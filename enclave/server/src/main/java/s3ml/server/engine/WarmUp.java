package s3ml.server.engine;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.StringLayout;
import s3ml.server.tensor.TensorSpec;
import s3ml.server.tflite.Interpreter;

/// First runs of a model: they make what is made lazily, and they show whether its batch can grow.
public final class WarmUp {
    /// The file comes from the host: strings enough for any first run.
    private static final int LONGEST_STRINGS = 1 << 20;

    private final Interpreter interpreter;
    private final Plan plan;

    WarmUp(Interpreter interpreter, Plan plan) {
        this.interpreter = interpreter;
        this.plan = plan;
    }

    /// How a model is warmed up.
    ///
    /// @param runs before the model is ready; ≥ 0
    /// @param recorded files with what inputs held in real use, by input: row-major, little-endian, strings behind
    /// their 4-byte length, as `raw_input_contents` carries it, for a free dimension of 1. Inputs that are not named
    /// hold zeros. A model whose work depends on its input is not warm after zeros.
    public record Plan(int runs, Map<String, Path> recorded) {
        public Plan {
            recorded = Map.copyOf(recorded);
            if (runs < 0) {
                throw new IllegalArgumentException("runs must not be negative");
            }
        }
    }

    /// @throws S3mlException `SRV-106` for a recorded input that the model does not take
    void run() {
        fill();
        for (int i = 0; i < plan.runs(); i++) {
            interpreter.invoke();
        }
    }

    /// Whether all outputs grow with the first dimension of all inputs. Leaves the interpreter at a batch of one.
    boolean canBatch() {
        List<TensorSpec> inputs = interpreter.inputs();
        for (TensorSpec input : inputs) {
            Shape shape = input.shape();
            if (input.type() == DataType.BYTES || shape.rank() == 0 || Math.abs(shape.dim(0)) != 1) {
                return false;
            }
        }
        try {
            return grows(2);
        } catch (S3mlException refused) {
            return false;
        } finally {
            resize(1);
        }
    }

    private boolean grows(int batch) {
        resize(batch);
        for (int i = 0; i < interpreter.inputs().size(); i++) {
            zero(i);
        }
        interpreter.invoke();
        for (int i = 0; i < interpreter.outputs().size(); i++) {
            Shape shape = interpreter.outputShape(i);
            if (interpreter.outputs().get(i).type() == DataType.BYTES || shape.rank() == 0 || shape.dim(0) != batch) {
                return false;
            }
        }
        return true;
    }

    private void resize(int batch) {
        for (int i = 0; i < interpreter.inputs().size(); i++) {
            interpreter.resize(i, interpreter.inputShape(i).withBatch(batch));
        }
        interpreter.allocate();
    }

    private void fill() {
        TreeSet<String> unknown = new TreeSet<>(plan.recorded().keySet());
        for (int i = 0; i < interpreter.inputs().size(); i++) {
            unknown.remove(name(i));
            Path file = plan.recorded().get(name(i));
            if (file == null) {
                zero(i);
            } else {
                replay(i, file);
            }
        }
        if (!unknown.isEmpty()) {
            throw unusable(String.join(", ", unknown), "the model has no such input");
        }
    }

    private void replay(int input, Path file) {
        if (interpreter.inputs().get(input).type() == DataType.BYTES) {
            replayStrings(input, file);
            return;
        }
        MemorySegment target = interpreter.input(input);
        byte[] contents = read(input, file, target.byteSize());
        if (contents.length != target.byteSize()) {
            throw unusable(
                    name(input),
                    file + " has " + contents.length + " bytes, the shape " + interpreter.inputShape(input) + " takes "
                            + target.byteSize());
        }
        target.copyFrom(MemorySegment.ofArray(contents));
    }

    private void replayStrings(int input, Path file) {
        byte[] contents = read(input, file, LONGEST_STRINGS);
        ByteBuffer strings = ByteBuffer.wrap(contents);
        int count;
        try {
            count = StringLayout.count(strings);
        } catch (IllegalArgumentException malformed) {
            throw unusable(name(input), file + ": " + malformed.getMessage());
        }
        StringLayout.toTfLite(strings, count, interpreter.stringInput(input, StringLayout.tfLiteSize(contents.length)));
    }

    private byte[] read(int input, Path file, long longest) {
        try (InputStream contents = Files.newInputStream(file)) {
            byte[] bytes = contents.readNBytes(Math.toIntExact(longest));
            if (contents.read() >= 0) {
                throw unusable(name(input), file + " has more than the " + longest + " bytes that are taken");
            }
            return bytes;
        } catch (IOException e) {
            throw unusable(name(input), "cannot read " + file);
        }
    }

    private String name(int input) {
        return interpreter.inputs().get(input).name();
    }

    private static S3mlException unusable(String input, String why) {
        return new S3mlException(
                "SRV-106",
                "cannot warm up by the recorded input " + input,
                why,
                "record what a client sends as raw_input_contents, or leave it out of warmUpInputs");
    }

    private void zero(int input) {
        if (interpreter.inputs().get(input).type() == DataType.BYTES) {
            // Count 0 and the one offset that ends the list.
            MemorySegment strings = interpreter.stringInput(input, 2 * Integer.BYTES);
            strings.fill((byte) 0).set(ValueLayout.JAVA_INT, 4, 2 * Integer.BYTES);
        } else {
            interpreter.input(input).fill((byte) 0);
        }
    }
}
