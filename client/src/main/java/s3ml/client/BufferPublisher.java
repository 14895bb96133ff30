package s3ml.client;

import java.net.http.HttpRequest;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// A request body made of memory that exists already: it is sent in slices and never put together.
final class BufferPublisher implements HttpRequest.BodyPublisher {
    /// One TLS record.
    private static final int SLICE_BYTES = 16 * 1024;

    private final List<ByteBuffer> parts;

    BufferPublisher(List<ByteBuffer> parts) {
        this.parts = List.copyOf(parts);
    }

    @Override
    public long contentLength() {
        return parts.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
        // Duplicates, because a body may be asked for twice when the HTTP client repeats a request.
        List<ByteBuffer> fresh =
                parts.stream().map(ByteBuffer::asReadOnlyBuffer).toList();
        subscriber.onSubscribe(new Slices(fresh, subscriber));
    }

    private static final class Slices implements Flow.Subscription {
        private final List<ByteBuffer> parts;
        private final Flow.Subscriber<? super ByteBuffer> subscriber;
        private final AtomicLong demand = new AtomicLong();
        private final AtomicBoolean ended = new AtomicBoolean();
        private int part;

        Slices(List<ByteBuffer> parts, Flow.Subscriber<? super ByteBuffer> subscriber) {
            this.parts = parts;
            this.subscriber = subscriber;
        }

        @Override
        public void request(long count) {
            if (count <= 0) {
                if (ended.compareAndSet(false, true)) {
                    subscriber.onError(new IllegalArgumentException("demand must be positive, not " + count));
                }
                return;
            }
            // Whoever raises demand from zero serves it, also what is asked for meanwhile: no two threads emit at once.
            if (demand.getAndAccumulate(count, Slices::saturated) == 0) {
                emit();
            }
        }

        private void emit() {
            long served = 1;
            do {
                if (ended.get()) {
                    return;
                }
                ByteBuffer next = next();
                if (next == null) {
                    if (ended.compareAndSet(false, true)) {
                        subscriber.onComplete();
                    }
                    return;
                }
                subscriber.onNext(next);
            } while (demand.addAndGet(-served) > 0);
        }

        private @org.jspecify.annotations.Nullable ByteBuffer next() {
            while (part < parts.size() && !parts.get(part).hasRemaining()) {
                part++;
            }
            if (part == parts.size()) {
                return null;
            }
            ByteBuffer whole = parts.get(part);
            int length = Math.min(SLICE_BYTES, whole.remaining());
            ByteBuffer slice = whole.slice(whole.position(), length);
            whole.position(whole.position() + length);
            return slice;
        }

        private static long saturated(long left, long right) {
            long sum = left + right;
            return sum < 0 ? Long.MAX_VALUE : sum;
        }

        @Override
        public void cancel() {
            ended.set(true);
        }
    }
}
