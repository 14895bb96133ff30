package s3ml.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Detachable;
import io.grpc.HasByteBuffer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import s3ml.server.tensor.TensorData;
import s3ml.wire.inference.ModelInferRequest;

/// An infer request whose raw contents still lie in the buffers that TLS decrypted them into: an input of a megabyte is
/// copied once, into the model's own tensor, and never into the Java heap, which would have to be collected.
///
/// Whoever parsed it holds it, and so does each of its [#contents]; the last one to let go gives the buffers back.
/// After that nothing of the message but its scalar fields may be read. Thread-safe.
final class Arrival implements AutoCloseable {
    private final ModelInferRequest message;
    private final InputStream buffers;
    private final AtomicInteger holders = new AtomicInteger(1);

    private Arrival(ModelInferRequest message, InputStream buffers) {
        this.message = message;
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
        // Decompressed on the way: nobody else has these bytes.
        return new Arrival(
                parse(UnsafeByteOperations.unsafeWrap(stream.readAllBytes())), InputStream.nullInputStream());
    }

    private static Arrival inPlace(InputStream buffers) throws IOException {
        try {
            // Without the mark each buffer would be given back when the next one is reached.
            buffers.mark(buffers.available());
            List<ByteString> parts = new ArrayList<>();
            while (buffers.available() > 0 && buffers instanceof HasByteBuffer next) {
                ByteBuffer part = Objects.requireNonNull(next.getByteBuffer());
                parts.add(UnsafeByteOperations.unsafeWrap(part));
                buffers.skipNBytes(part.remaining());
            }
            return new Arrival(parse(ByteString.copyFrom(parts)), buffers);
        } catch (IOException | RuntimeException failure) {
            buffers.close();
            throw failure;
        }
    }

    private static ModelInferRequest parse(ByteString bytes) throws IOException {
        CodedInputStream input = bytes.newCodedInput();
        input.enableAliasing(true);
        ModelInferRequest message = ModelInferRequest.parser().parseFrom(input);
        input.checkLastTagWas(0);
        return message;
    }

    /// What was sent.
    ModelInferRequest message() {
        return message;
    }

    /// The raw contents of an input, to be closed by whom they are given.
    TensorData contents(int input) {
        holders.incrementAndGet();
        return new Contents(message.getRawInputContents(input), this);
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

    private record Contents(ByteString bytes, Arrival arrival) implements TensorData {
        @Override
        public long byteSize() {
            return bytes.size();
        }

        @Override
        public void copyTo(MemorySegment target) {
            long at = 0;
            for (ByteBuffer part : bytes.asReadOnlyByteBufferList()) {
                MemorySegment.copy(MemorySegment.ofBuffer(part), 0, target, at, part.remaining());
                at += part.remaining();
            }
        }

        @Override
        public void close() {
            arrival.close();
        }
    }
}
