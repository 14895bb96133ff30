package s3ml.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/// Ends a call whose one message does not arrive: a client that opens streams and sends a byte now and then must not
/// hold their buffers. Calls of many messages are bounded by the connection's idle time instead.
public final class ArrivalLimit implements ServerInterceptor {
    private final ScheduledExecutorService timers;
    private final Duration limit;

    /// @param limit time from a call's first byte to its last
    public ArrivalLimit(ScheduledExecutorService timers, Duration limit) {
        this.timers = timers;
        this.limit = limit;
    }

    private enum Arrival {
        AWAITED,
        ENDED,
        LATE
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        ServerCall.Listener<A> listener = next.startCall(call, headers);
        if (call.getMethodDescriptor().getType() != MethodType.UNARY) {
            return listener;
        }
        AtomicReference<Arrival> arrival = new AtomicReference<>(Arrival.AWAITED);
        ScheduledFuture<?> timer = timers.schedule(
                () -> {
                    if (arrival.compareAndSet(Arrival.AWAITED, Arrival.LATE)) {
                        call.close(
                                Status.DEADLINE_EXCEEDED.withDescription(
                                        "SRV-232: the request did not arrive within " + limit.toSeconds() + " s"),
                                new Metadata());
                    }
                },
                limit.toMillis(),
                TimeUnit.MILLISECONDS);
        return new SimpleForwardingServerCallListener<>(listener) {
            @Override
            public void onHalfClose() {
                if (arrived()) {
                    super.onHalfClose();
                }
            }

            @Override
            public void onCancel() {
                arrived();
                super.onCancel();
            }

            @Override
            public void onComplete() {
                arrived();
                super.onComplete();
            }

            private boolean arrived() {
                timer.cancel(false);
                return arrival.compareAndSet(Arrival.AWAITED, Arrival.ENDED);
            }
        };
    }
}
