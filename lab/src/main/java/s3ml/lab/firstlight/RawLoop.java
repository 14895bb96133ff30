package s3ml.lab.firstlight;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.DoubleAdder;
import s3ml.server.tflite.Interpreter;
import s3ml.server.tflite.ModelBuffer;

/// The baseline: TensorFlow Lite called in a loop through the same binding, without a server around it. One interpreter
/// or several side by side, each in a thread of its own. Used by one thread.
final class RawLoop implements AutoCloseable {
    /// Models begin at a cache line; TensorFlow Lite asks for 16.
    private static final long ALIGNMENT = 64;

    private final List<Interpreter> interpreters = new ArrayList<>();

    /// @param instances that run side by side
    /// @param threads of each one's kernels
    RawLoop(Path model, int instances, int threads, float[] input) {
        interpreters.add(Interpreter.open(read(model), threads));
        while (interpreters.size() < instances) {
            interpreters.add(interpreters.getFirst().another());
        }
        for (Interpreter each : interpreters) {
            MemorySegment.copy(input, 0, each.input(0), ValueLayout.JAVA_FLOAT, 0, input.length);
        }
    }

    private static ModelBuffer read(Path model) {
        return ModelBuffer.filledBy(arena -> {
            try (FileChannel file = FileChannel.open(model)) {
                MemorySegment mapped = file.map(MapMode.READ_ONLY, 0, file.size(), arena);
                MemorySegment bytes = arena.allocate(file.size(), ALIGNMENT);
                bytes.copyFrom(mapped);
                return bytes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    /// Runs the model for that long.
    ///
    /// @return inferences per second, all instances together
    double perSecond(Duration length) throws InterruptedException {
        DoubleAdder sum = new DoubleAdder();
        List<Thread> threads = interpreters.stream()
                .map(each -> Thread.ofPlatform().start(() -> sum.add(perSecond(each, length))))
                .toList();
        for (Thread thread : threads) {
            thread.join();
        }
        return sum.sum();
    }

    private static double perSecond(Interpreter interpreter, Duration length) {
        long start = System.nanoTime();
        long end = start + length.toNanos();
        int done = 0;
        long now;
        do {
            interpreter.invoke();
            done++;
            now = System.nanoTime();
        } while (now < end);
        return done * 1e9 / (now - start);
    }

    @Override
    public void close() {
        interpreters.forEach(Interpreter::close);
    }
}
