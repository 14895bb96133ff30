package s3ml.server.tflite;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Plaintext model bytes outside the Java heap. TensorFlow Lite reads constants from them in place, so they live as
/// long as the interpreter, and they never pass through the heap, where the collector would leave copies.
///
/// Thread-safe; the last owner's closing zeroes the bytes.
public final class ModelBuffer implements AutoCloseable {
    private final Arena arena = Arena.ofShared();
    private final MemorySegment bytes;
    private final AtomicInteger owners = new AtomicInteger(1);

    private ModelBuffer(Function<Arena, MemorySegment> fill) {
        boolean filled = false;
        try {
            this.bytes = fill.apply(arena);
            filled = true;
        } finally {
            if (!filled) {
                arena.close();
            }
        }
    }

    /// A buffer of what `fill` allocates in the arena it is given: one segment, 64-byte aligned, because kernels read
    /// constants by vector loads.
    public static ModelBuffer filledBy(Function<Arena, MemorySegment> fill) {
        return new ModelBuffer(fill);
    }

    /// The memory itself, writable until the interpreter is opened.
    public MemorySegment bytes() {
        return bytes;
    }

    public long size() {
        return bytes.byteSize();
    }

    /// The same memory for one more owner, who closes it as well. The caller owns it while calling.
    ModelBuffer shared() {
        owners.incrementAndGet();
        return this;
    }

    @Override
    public void close() {
        if (owners.decrementAndGet() == 0) {
            bytes.fill((byte) 0);
            arena.close();
        }
    }
}
