package s3ml.lab.serve;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import s3ml.server.tensor.TensorSpec;
import s3ml.server.tflite.Interpreter;
import s3ml.server.tflite.ModelBuffer;

/// The model alone, in a loop: what no server can be faster than.
final class RawLoop {
    private RawLoop() {}

    /// @param perSecond inferences
    /// @param meanMillis of one
    record Result(double perSecond, double meanMillis, TensorSpec input) {}

    static Result run(byte[] model, int threads, Duration time) {
        ModelBuffer buffer =
                ModelBuffer.filledBy(arena -> arena.allocate(model.length, 64).copyFrom(MemorySegment.ofArray(model)));
        try (Interpreter interpreter = Interpreter.open(buffer, threads)) {
            interpreter.input(0).fill((byte) 0);
            long warm = System.nanoTime() + time.dividedBy(10).toNanos();
            while (System.nanoTime() < warm) {
                interpreter.invoke();
            }
            long start = System.nanoTime();
            long count = 0;
            while (System.nanoTime() - start < time.toNanos()) {
                interpreter.invoke();
                count++;
            }
            double seconds = (System.nanoTime() - start) / 1e9;
            return new Result(
                    count / seconds,
                    1000 * seconds / count,
                    interpreter.inputs().getFirst());
        }
    }
}
