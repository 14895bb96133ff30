package s3ml.server.grpc;

import io.grpc.Codec;
import io.grpc.CompressorRegistry;
import io.grpc.DecompressorRegistry;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/// Message compression: gzip, which grpc-java has, and deflate, which Triton's clients offer beside it.
///
/// A response is compressed when its request was: that is how a client says that it pays for it. The message limit
/// counts decompressed bytes, so a small bomb is as large as a large request and refused as one.
public final class Compression implements ServerInterceptor {
    private static final Metadata.Key<String> ENCODING =
            Metadata.Key.of("grpc-encoding", Metadata.ASCII_STRING_MARSHALLER);

    /// What requests may be compressed by.
    public static DecompressorRegistry decompressors() {
        return DecompressorRegistry.getDefaultInstance().with(new Deflate(), true);
    }

    /// What responses may be compressed by.
    public static CompressorRegistry compressors() {
        CompressorRegistry registry = CompressorRegistry.newEmptyInstance();
        registry.register(new Codec.Gzip());
        registry.register(Codec.Identity.NONE);
        registry.register(new Deflate());
        return registry;
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        String encoding = headers.get(ENCODING);
        if (encoding != null && (encoding.equals("gzip") || encoding.equals("deflate"))) {
            call.setCompression(encoding);
        }
        return next.startCall(call, headers);
    }

    /// RFC 1950, which HTTP calls deflate.
    private static final class Deflate implements Codec {
        @Override
        public String getMessageEncoding() {
            return "deflate";
        }

        @Override
        public InputStream decompress(InputStream compressed) {
            return new InflaterInputStream(compressed);
        }

        @Override
        public OutputStream compress(OutputStream target) {
            return new DeflaterOutputStream(target);
        }
    }
}
