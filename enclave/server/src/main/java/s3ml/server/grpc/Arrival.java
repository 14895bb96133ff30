package s3ml.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import s3ml.server.engine.HeapBudget;
import s3ml.server.engine.RequestRefused;
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

    private final ModelInferRequest message;
    private final List<ByteBuf> raw;
    private final InputStream buffers;
    private final HeapBudget.Share heap;
    private final Optional<RequestRefused> refusal;
    private final AtomicInteger holders = new AtomicInteger(1);

    private Arrival(ModelInferRequest message, List<ByteBuf> raw, InputStream buffers, HeapBudget.Share heap) {
        this.message = message;
        this.raw = raw;
        this.buffers = buffers;
        this.heap = heap;
        this.refusal = Optional.empty();
    }

    private Arrival(RequestRefused refusal, InputStream buffers, HeapBudget.Share heap) {
        this.message = ModelInferRequest.getDefaultInstance();
        this.raw = List.of();
        this.buffers = buffers;
        this.heap = heap;
        this.refusal = Optional.of(refusal);
    }

    /// Reads a message. One for which there is no room in the heap is not read, and says so by [#demandRead].
    ///
    /// @param heap of which it takes what it needs, until the last holder lets go
    /// @param stream of gRPC; what lies in its buffers is taken out of it, so that closing it does not end them
    /// @throws IOException if the bytes are no such message, or cannot be decompressed
    static Arrival read(InputStream stream, HeapBudget.Share heap) throws IOException {
        if (stream instanceof HasByteBuffer inBuffers
                && inBuffers.byteBufferSupported()
                && stream instanceof Detachable detachable) {
            return inPlace(detachable.detach(), heap);
        }
        // Decompressed on the way, and bounded by what the port takes.
        ByteBuf bytes = Unpooled.directBuffer();
        InputStream held = new ByteBufInputStream(bytes, 0, true);
        try (ByteBufOutputStream out = new ByteBufOutputStream(bytes)) {
            stream.transferTo(out);
            return split(bytes, held, heap);
        } catch (IOException | RuntimeException failure) {
            held.close();
            throw failure;
        }
    }

    private static Arrival inPlace(InputStream buffers, HeapBudget.Share heap) throws IOException {
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
            return split(bytes, buffers, heap);
        } catch (IOException | RuntimeException failure) {
            buffers.close();
            throw failure;
        }
    }

    private static Arrival split(ByteBuf bytes, InputStream buffers, HeapBudget.Share heap) throws IOException {
        List<ByteBuf> raw = new ArrayList<>();
        List<ByteBuf> others = new ArrayList<>();
        int from = 0;
        while (bytes.isReadable()) {
            int at = bytes.readerIndex();
            int tag = (int) Fields.varint(bytes);
            ByteBuf field = Fields.next(bytes, WireFormat.getTagWireType(tag));
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
        try {
            heap.take(HeapCost.of(others));
        } catch (RequestRefused noRoom) {
            return new Arrival(noRoom, buffers, heap);
        }
        try {
            return new Arrival(ModelInferRequest.parseFrom(joined(others)), raw, buffers, heap);
        } catch (InvalidProtocolBufferException malformed) {
            // There is no arrival that could be closed.
            heap.close();
            throw malformed;
        }
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

    /// @throws RequestRefused if there was no room to read it
    void demandRead() {
        if (refusal.isPresent()) {
            throw refusal.get();
        }
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

    /// Contents that were read into the heap, to be closed by whom they are given.
    TensorData contents(byte[] read) {
        holders.incrementAndGet();
        return new BufferData(Unpooled.wrappedBuffer(read), this::close);
    }

    /// Lets go of it.
    @Override
    public void close() {
        if (holders.decrementAndGet() == 0) {
            heap.close();
            try {
                buffers.close();
            } catch (IOException impossible) {
                throw new UncheckedIOException(impossible);
            }
        }
    }
}
