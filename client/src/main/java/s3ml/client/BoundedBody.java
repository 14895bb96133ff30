package s3ml.client;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/// Collects a response body, at most a given number of bytes, copying each byte once if the length was announced.
final class BoundedBody implements HttpResponse.BodySubscriber<ByteBuffer> {
    /// For bodies of unknown length.
    private static final int FIRST_BYTES = 8 * 1024;

    private final int largest;
    private final CompletableFuture<ByteBuffer> body = new CompletableFuture<>();
    private ByteBuffer collected;
    private Flow.@Nullable Subscription subscription;

    private BoundedBody(int announced, int largest) {
        this.largest = largest;
        this.collected = ByteBuffer.allocate(announced);
    }

    static HttpResponse.BodySubscriber<ByteBuffer> of(HttpResponse.ResponseInfo information, int largest) {
        long announced =
                information.headers().firstValueAsLong("Content-Length").orElse(FIRST_BYTES);
        return new BoundedBody(Math.clamp(announced, 0, largest), largest);
    }

    @Override
    public CompletionStage<ByteBuffer> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription given) {
        subscription = given;
        given.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            if (body.isDone() || !makeRoom(buffer.remaining())) {
                return;
            }
            collected.put(buffer);
        }
    }

    private boolean makeRoom(int more) {
        if (collected.remaining() >= more) {
            return true;
        }
        long needed = (long) collected.position() + more;
        if (needed > largest) {
            if (subscription != null) {
                subscription.cancel();
            }
            body.completeExceptionally(new TooLarge("the answer has more than " + largest + " bytes"));
            return false;
        }
        int capacity = (int) Math.min(largest, Math.max(needed, 2L * collected.capacity()));
        collected = ByteBuffer.allocate(capacity).put(collected.flip());
        return true;
    }

    @Override
    public void onError(Throwable failure) {
        body.completeExceptionally(failure);
    }

    @Override
    public void onComplete() {
        body.complete(collected.flip().asReadOnlyBuffer());
    }

    /// A body over the bound.
    static final class TooLarge extends IOException {
        private static final long serialVersionUID = 1L;

        TooLarge(String message) {
            super(message);
        }
    }
}
