package s3ml.server.engine;

import java.lang.foreign.MemorySegment;
import java.util.List;
import s3ml.attest.S3mlException;
import s3ml.server.tensor.DataType;
import s3ml.server.tensor.Shape;
import s3ml.server.tensor.TensorSpec;
import s3ml.server.tflite.Interpreter;

/// First runs of a model, on zeros: they make what is made lazily, and they show whether its batch can grow.
final class WarmUp {
    private final Interpreter interpreter;

    WarmUp(Interpreter interpreter) {
        this.interpreter = interpreter;
    }

    void run(int runs) {
        zero();
        for (int i = 0; i < runs; i++) {
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
        zero();
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

    private void zero() {
        for (int i = 0; i < interpreter.inputs().size(); i++) {
            if (interpreter.inputs().get(i).type() == DataType.BYTES) {
                // Count 0 and the one offset that ends the list.
                MemorySegment strings = interpreter.stringInput(i, 2 * Integer.BYTES);
                strings.fill((byte) 0).set(java.lang.foreign.ValueLayout.JAVA_INT, 4, 2 * Integer.BYTES);
            } else {
                interpreter.input(i).fill((byte) 0);
            }
        }
    }
}
