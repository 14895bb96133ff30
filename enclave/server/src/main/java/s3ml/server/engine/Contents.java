package s3ml.server.engine;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import s3ml.server.tensor.TensorData;

/// Tensor contents as one buffer, for the few that must be looked through before they are copied into a model.
final class Contents {
    private Contents() {}

    static ByteBuffer buffer(TensorData data) {
        byte[] bytes = new byte[Math.toIntExact(data.byteSize())];
        data.copyTo(MemorySegment.ofArray(bytes));
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
