package s3ml.aecs.endpoint;

import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Lets each peer make so many calls in a second and refuses the rest (`AECS-220`), before a message of theirs is read.
///
/// A peer is an IPv4 address, or the /64 network of an IPv6 address, of which one machine usually has all. Each has a
/// bucket that holds two seconds' worth. Thread-safe.
final class PeerRates implements ServerInterceptor {
    /// Peers that are remembered; of more, those longest silent are forgotten, and their buckets are full again.
    private static final int MAX_PEERS = 4096;

    private static final int BURST_SECONDS = 2;
    private static final int NETWORK_BYTES = 8;
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final LongSupplier nanoTime;
    private final Counters counters;
    private final Map<ByteBuffer, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<ByteBuffer, Bucket> eldest) {
            return size() > MAX_PEERS;
        }
    };

    /// @param perSecond ≥ 1
    /// @param nanoTime a monotonic clock
    PeerRates(int perSecond, LongSupplier nanoTime, Counters counters) {
        this.perSecond = perSecond;
        this.nanoTime = nanoTime;
        this.counters = counters;
    }

    /// What a peer may still do, as of a moment.
    private static final class Bucket {
        double calls;
        long at;

        Bucket(double calls, long at) {
            this.calls = calls;
            this.at = at;
        }
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        if (admits(call.getAttributes().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))) {
            return next.startCall(call, headers);
        }
        counters.called("rate-limit", "AECS-220", 0);
        call.close(Status.RESOURCE_EXHAUSTED.withDescription("AECS-220"), new Metadata());
        return new ServerCall.Listener<>() {};
    }

    /// Whether this peer may make one more call now.
    boolean admits(@Nullable SocketAddress peer) {
        long now = nanoTime.getAsLong();
        synchronized (buckets) {
            Bucket bucket = buckets.computeIfAbsent(name(peer), unknown -> new Bucket(perSecond * BURST_SECONDS, now));
            bucket.calls = Math.min(
                    perSecond * BURST_SECONDS, bucket.calls + (now - bucket.at) / NANOS_PER_SECOND * perSecond);
            bucket.at = now;
            if (bucket.calls < 1) {
                return false;
            }
            bucket.calls--;
            return true;
        }
    }

    /// Peers that have no address share one bucket.
    private static ByteBuffer name(@Nullable SocketAddress peer) {
        if (!(peer instanceof InetSocketAddress internet) || internet.getAddress() == null) {
            return ByteBuffer.allocate(0);
        }
        byte[] address = internet.getAddress().getAddress();
        return ByteBuffer.wrap(
                internet.getAddress() instanceof Inet6Address ? Arrays.copyOf(address, NETWORK_BYTES) : address);
    }
}
