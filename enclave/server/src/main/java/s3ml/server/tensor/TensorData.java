package s3ml.server.tensor;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Contents of a request's tensor, still where the network left them: row-major, little-endian; [DataType#BYTES]
/// elements each behind their 4-byte length.
///
/// Copied once, into the model's own tensor, by [#copyTo]. One owner; [#close()] gives buffers back.
public interface TensorData extends AutoCloseable {
    /// Bytes in all.
    long byteSize();

    /// Copies everything to the start of `target`, which has room for it.
    void copyTo(MemorySegment target);

    /// Releases what holds the bytes.
    @Override
    default void close() {}

    /// Data that lies in an array which nobody else writes.
    static TensorData of(byte[] bytes) {
        return of(ByteBuffer.wrap(bytes));
    }

    /// Data that lies in a buffer's remaining bytes, which nobody else writes.
    static TensorData of(ByteBuffer bytes) {
        MemorySegment source = MemorySegment.ofBuffer(bytes.order(ByteOrder.LITTLE_ENDIAN));
        return new TensorData() {
            @Override
            public long byteSize() {
                return source.byteSize();
            }

            @Override
            public void copyTo(MemorySegment target) {
                MemorySegment.copy(source, 0, target, 0, source.byteSize());
            }
        };
    }
}
