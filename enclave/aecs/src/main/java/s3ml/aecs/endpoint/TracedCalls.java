package s3ml.aecs.endpoint;

import io.grpc.Contexts;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Objects;
import java.util.Optional;
import s3ml.protocol.trace.CallTrace;
import s3ml.protocol.trace.SpanFile;
import s3ml.protocol.trace.TraceParent;

/// Makes a call part of the trace that its caller hands on: lines about it bear the trace's id, and it leaves a span
/// when it is answered.
final class TracedCalls implements ServerInterceptor {
    private final SpanFile spans;

    TracedCalls(SpanFile spans) {
        this.spans = spans;
    }

    @Override
    public <Q, A> ServerCall.Listener<Q> interceptCall(
            ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
        Optional<TraceParent> caller = TraceParent.read(headers.get(CallTrace.METADATA));
        if (caller.isEmpty()) {
            return next.startCall(call, headers);
        }
        String name = Objects.requireNonNullElse(call.getMethodDescriptor().getBareMethodName(), "call");
        SpanFile.Span span = spans.under(caller.get(), name);
        ServerCall<Q, A> watched = new SimpleForwardingServerCall<>(call) {
            @Override
            public void close(Status status, Metadata trailers) {
                if (status.isOk()) {
                    span.end();
                } else {
                    span.end(Objects.requireNonNullElse(
                            status.getDescription(), status.getCode().name()));
                }
                super.close(status, trailers);
            }
        };
        return Contexts.interceptCall(CallTrace.context(span.context()), watched, headers, next);
    }
}
