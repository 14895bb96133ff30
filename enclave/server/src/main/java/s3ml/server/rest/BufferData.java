package s3ml.server.rest;

import io.netty.buffer.ByteBuf;
import java.lang.foreign.MemorySegment;
import s3ml.server.tensor.TensorData;

/// Tensor contents in the buffers that TLS decrypted them into.
final class BufferData implements TensorData {
    private final ByteBuf bytes;

    /// @param bytes one reference to it is handed over
    BufferData(ByteBuf bytes) {
        this.bytes = bytes;
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
        bytes.release();
    }
}
