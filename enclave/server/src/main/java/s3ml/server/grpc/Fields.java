package s3ml.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.netty.buffer.ByteBuf;

/// The wire format of protobuf, read where it lies: tags and lengths alone.
final class Fields {
    private static final int LONGEST_VARINT = 10;

    private Fields() {}

    /// The contents of the next field, behind its tag; empty for a number.
    ///
    /// @throws InvalidProtocolBufferException if it is longer than what follows
    static ByteBuf next(ByteBuf bytes, int wireType) throws InvalidProtocolBufferException {
        long length = switch (wireType) {
            case WireFormat.WIRETYPE_VARINT -> {
                varint(bytes);
                yield 0;
            }
            case WireFormat.WIRETYPE_FIXED64 -> Long.BYTES;
            case WireFormat.WIRETYPE_LENGTH_DELIMITED -> varint(bytes);
            case WireFormat.WIRETYPE_FIXED32 -> Integer.BYTES;
            // Groups are in no message of the protocol.
            default -> throw new InvalidProtocolBufferException("wire type " + wireType);
        };
        if (length < 0 || length > bytes.readableBytes()) {
            throw new InvalidProtocolBufferException("a field is longer than what follows");
        }
        return bytes.readSlice((int) length);
    }

    static long varint(ByteBuf bytes) throws InvalidProtocolBufferException {
        long value = 0;
        for (int i = 0; i < LONGEST_VARINT && bytes.isReadable(); i++) {
            byte next = bytes.readByte();
            value |= (long) (next & 0x7f) << (7 * i);
            if (next >= 0) {
                return value;
            }
        }
        throw new InvalidProtocolBufferException("a number does not end");
    }
}
