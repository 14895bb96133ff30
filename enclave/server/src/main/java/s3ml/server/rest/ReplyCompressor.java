package s3ml.server.rest;

import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/// Compresses what models answer, for callers who accept it, and nothing else: as Triton does, because some of its
/// clients say that they accept gzip and then read descriptions and statistics as they are.
final class ReplyCompressor extends HttpContentCompressor {
    /// Marks a reply that goes out as it is; taken off here.
    static final String PLAIN = "s3ml-plain";

    /// Shorter replies cost more to compress than to send.
    private static final int FROM = 1024;

    ReplyCompressor() {
        super(FROM, StandardCompressionOptions.gzip(), StandardCompressionOptions.deflate());
    }

    /// Whether a path's replies are a model's answers.
    static boolean isAnswer(String path) {
        return path.endsWith("/infer") || path.endsWith(":predict");
    }

    @Override
    protected @Nullable Result beginEncode(HttpResponse response, String acceptEncoding) throws Exception {
        if (response.headers().contains(PLAIN)) {
            response.headers().remove(PLAIN);
            return null;
        }
        return super.beginEncode(response, acceptEncoding);
    }
}
