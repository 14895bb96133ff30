package s3ml.server.rest;

import java.io.ByteArrayOutputStream;
import s3ml.server.engine.HeapBudget;

/// Bytes that grow as they are read, and take what they need of a request's part of the heap: each byte counts three
/// times, since the array doubles, is copied to grow, and is copied once more at the end.
final class HeapBytes extends ByteArrayOutputStream {
    private static final int TIMES = 3;
    /// Asked for in steps, not for each number.
    private static final int STEP = 64 * 1024;

    private final HeapBudget.Share heap;
    private int paid;

    HeapBytes(HeapBudget.Share heap) {
        this.heap = heap;
    }

    @Override
    public synchronized void write(byte[] bytes, int from, int length) {
        pay(length);
        super.write(bytes, from, length);
    }

    @Override
    public synchronized void write(int single) {
        pay(1);
        super.write(single);
    }

    private void pay(int more) {
        while (more > paid - count) {
            heap.take((long) TIMES * STEP);
            paid = Math.addExact(paid, STEP);
        }
    }
}
