package s3ml.server.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The two layouts of a tensor of byte strings, and the way from one to the other.
///
/// The protocol puts each element behind its 4-byte length. TensorFlow Lite (string_util.h) has the count, then count +
/// 1 offsets from the start, then all bytes; 4-byte integers, little-endian.
public final class StringLayout {
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private StringLayout() {}

    /// Number of elements in protocol layout.
    ///
    /// @throws IllegalArgumentException when a length points past the end
    public static int count(ByteBuffer protocol) {
        ByteBuffer rest = protocol.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        int count = 0;
        while (rest.hasRemaining()) {
            if (rest.remaining() < Integer.BYTES) {
                throw new IllegalArgumentException("the last length is cut off");
            }
            int length = rest.getInt();
            if (length < 0 || length > rest.remaining()) {
                throw new IllegalArgumentException("element " + count + " is longer than what follows");
            }
            rest.position(rest.position() + length);
            count++;
        }
        return count;
    }

    /// Bytes in TensorFlow Lite's layout: an offset replaces each length, and count and one more offset are new.
    public static long tfLiteSize(long protocolBytes) {
        return protocolBytes + 2L * Integer.BYTES;
    }

    /// Writes the elements of `protocol`, which [#count] has accepted, to `target` of [#tfLiteSize] bytes.
    public static void toTfLite(ByteBuffer protocol, int count, MemorySegment target) {
        ByteBuffer source = protocol.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        MemorySegment bytes = MemorySegment.ofBuffer(source);
        target.set(INT, 0, count);
        long offset = (long) Integer.BYTES * (count + 2);
        for (int i = 0; i < count; i++) {
            int length = source.getInt();
            target.set(INT, (long) Integer.BYTES * (i + 1), Math.toIntExact(offset));
            MemorySegment.copy(bytes, source.position() - protocol.position(), target, offset, length);
            source.position(source.position() + length);
            offset += length;
        }
        target.set(INT, (long) Integer.BYTES * (count + 1), Math.toIntExact(offset));
    }

    /// The protocol layout of a TensorFlow Lite string tensor, which the model wrote and so is checked like any input.
    ///
    /// @throws IllegalArgumentException when its offsets are not in order
    public static ByteBuffer toProtocol(MemorySegment tensor) {
        if (tensor.byteSize() < 2 * Integer.BYTES) {
            return ByteBuffer.allocate(0);
        }
        int count = tensor.get(INT, 0);
        if (count < 0 || tensor.byteSize() < (long) Integer.BYTES * (count + 2L)) {
            throw new IllegalArgumentException("a string tensor with " + count + " elements is too short");
        }
        int first = tensor.get(INT, Integer.BYTES);
        int last = tensor.get(INT, (long) Integer.BYTES * (count + 1));
        if (first < 0 || last < first || last > tensor.byteSize()) {
            throw new IllegalArgumentException("a string tensor has offsets out of order");
        }
        ByteBuffer out =
                ByteBuffer.allocate(last - first + Integer.BYTES * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            int from = tensor.get(INT, (long) Integer.BYTES * (i + 1));
            int to = tensor.get(INT, (long) Integer.BYTES * (i + 2));
            if (from < first || to < from || to > last) {
                throw new IllegalArgumentException("a string tensor has offsets out of order");
            }
            out.putInt(to - from);
            out.put(tensor.asSlice(from, to - from).asByteBuffer());
        }
        return out.flip();
    }
}
