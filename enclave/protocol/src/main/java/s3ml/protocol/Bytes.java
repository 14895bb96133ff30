package s3ml.protocol;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// Byte strings put together, as signatures, nonces and associated data need them.
final class Bytes {
    private Bytes() {}

    static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length = Math.addExact(length, part.length);
        }
        ByteBuffer whole = ByteBuffer.allocate(length);
        for (byte[] part : parts) {
            whole.put(part);
        }
        return whole.array();
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
