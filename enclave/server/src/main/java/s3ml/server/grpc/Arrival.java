package s3ml.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import s3ml.server.tensor.BufferData;
import s3ml.server.tensor.TensorData;
import s3ml.wire.inference.ModelInferRequest;

/// An infer request whose raw contents still lie in the buffers that TLS decrypted them into: an input of a megabyte is
/// copied once, into the model's own tensor, and never into the Java heap, which would have to be collected.
///
/// The protobuf library copies what it reads. So the message's own fields are walked through here: `raw_input_contents`
/// stay where they are, and the library reads all others. Whoever read it holds it, and so does each of its
/// [#contents]; the last one to let go gives the buffers back. Thread-safe.
final class Arrival implements AutoCloseable {
    private static final int RAW_CONTENTS =
            ModelInferRequest.RAW_INPUT_CONTENTS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;

    /// More inputs than any model has; an empty one takes two bytes on the wire and many more here.
    private static final int MOST_INPUTS = 1024;

    private static final int LONGEST_VARINT = 10;

    private final ModelInferRequest message;
    private final List<ByteBuf> raw;
    private final InputStream buffers;
    private final AtomicInteger holders = new AtomicInteger(1);

    private Arrival(ModelInferRequest message, List<ByteBuf> raw, InputStream buffers) {
        this.message = message;
        this.raw = raw;
        this.buffers = buffers;
    }

    /// Reads a message.
    ///
    /// @param stream of gRPC; what lies in its buffers is taken out of it, so that closing it does not end them
    /// @throws IOException if the bytes are no such message, or cannot be decompressed
    static Arrival read(InputStream stream) throws IOException {
        if (stream instanceof HasByteBuffer inBuffers
                && inBuffers.byteBufferSupported()
                && stream instanceof Detachable detachable) {
            return inPlace(detachable.detach());
        }
        // Decompressed on the way.
        return split(Unpooled.wrappedBuffer(stream.readAllBytes()), InputStream.nullInputStream());
    }

    private static Arrival inPlace(InputStream buffers) throws IOException {
        try {
            // Without the mark each buffer would be given back when the next one is reached.
            buffers.mark(buffers.available());
            List<ByteBuffer> parts = new ArrayList<>();
            while (buffers.available() > 0 && buffers instanceof HasByteBuffer next) {
                ByteBuffer part = Objects.requireNonNull(next.getByteBuffer());
                parts.add(part);
                buffers.skipNBytes(part.remaining());
            }
            ByteBuf bytes = Unpooled.wrappedBuffer(Math.max(2, parts.size()), parts.toArray(ByteBuffer[]::new));
            return split(bytes, buffers);
        } catch (IOException | RuntimeException failure) {
            buffers.close();
            throw failure;
        }
    }

    private static Arrival split(ByteBuf bytes, InputStream buffers) throws IOException {
        List<ByteBuf> raw = new ArrayList<>();
        List<ByteBuf> others = new ArrayList<>();
        int from = 0;
        while (bytes.isReadable()) {
            int at = bytes.readerIndex();
            int tag = (int) varint(bytes);
            ByteBuf field = field(bytes, WireFormat.getTagWireType(tag));
            if (tag == RAW_CONTENTS) {
                if (raw.size() == MOST_INPUTS) {
                    throw new InvalidProtocolBufferException("more than " + MOST_INPUTS + " raw contents");
                }
                raw.add(field);
                others.add(bytes.slice(from, at - from));
                from = bytes.readerIndex();
            }
        }
        others.add(bytes.slice(from, bytes.readerIndex() - from));
        return new Arrival(ModelInferRequest.parseFrom(joined(others)), raw, buffers);
    }

    private static ByteBuf field(ByteBuf bytes, int wireType) throws InvalidProtocolBufferException {
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

    private static long varint(ByteBuf bytes) throws InvalidProtocolBufferException {
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

    private static byte[] joined(List<ByteBuf> parts) {
        byte[] bytes = new byte[parts.stream().mapToInt(ByteBuf::readableBytes).sum()];
        int at = 0;
        for (ByteBuf part : parts) {
            int length = part.readableBytes();
            part.readBytes(bytes, at, length);
            at += length;
        }
        return bytes;
    }

    /// What was sent, but for raw contents.
    ModelInferRequest message() {
        return message;
    }

    /// How many raw contents came.
    int contentsCount() {
        return raw.size();
    }

    /// Whether tensors travel raw; a response's do as its request's. A request without inputs gets them raw.
    boolean isRaw() {
        return !raw.isEmpty() || message.getInputsCount() == 0;
    }

    /// Raw contents of an input, to be closed by whom they are given.
    TensorData contents(int input) {
        holders.incrementAndGet();
        return new BufferData(raw.get(input), this::close);
    }

    /// Lets go of it.
    @Override
    public void close() {
        if (holders.decrementAndGet() == 0) {
            try {
                buffers.close();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }
}
