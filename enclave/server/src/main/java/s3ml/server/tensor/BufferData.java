package s3ml.server.tensor;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;

/// Tensor contents in the buffers that TLS decrypted them into.
///
/// @param bytes read without moving its indices
/// @param release gives back what holds the bytes
public record BufferData(ByteBuf bytes, Runnable release) implements TensorData {
    /// @param bytes one reference to it is handed over
    public BufferData(ByteBuf bytes) {
        this(bytes, bytes::release);
    }

    @Override
    public long byteSize() {
        return bytes.readableBytes();
    }

    @Override
    public void copyTo(MemorySegment target) {
        bytes.getBytes(
                bytes.readerIndex(), target.asSlice(0, bytes.readableBytes()).asByteBuffer());
    }

    @Override
    public void close() {
        release.run();
    }
}
