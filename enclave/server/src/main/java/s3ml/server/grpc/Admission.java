package s3ml.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import s3ml.server.engine.InferenceEngine;
import s3ml.server.engine.RequestRefused;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;

/// Refuses an inference by its headers alone when its inputs would find no room. Under overload most requests are
/// refused; reading megabytes of each first would take the time in which the others could be answered, and the streams
/// of a connection, which share its bandwidth, would all arrive late.
public final class Admission implements ServerInterceptor {
    private static final String INFER =
            GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName();

    private final InferenceEngine engine;

    public Admission(InferenceEngine engine) {
        this.engine = engine;
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        if (!call.getMethodDescriptor().getFullMethodName().equals(INFER)) {
            return next.startCall(call, headers);
        }
        Optional<RequestRefused> refused = engine.arriving();
        if (refused.isPresent()) {
            StatusRuntimeException status = Refusals.of(refused.get());
            Metadata trailers = status.getTrailers();
            call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
            return new ServerCall.Listener<>() {};
        }
        AtomicBoolean arriving = new AtomicBoolean(true);
        return new SimpleForwardingServerCallListener<>(next.startCall(call, headers)) {
            @Override
            public void onHalfClose() {
                arrived();
                super.onHalfClose();
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

            private void arrived() {
                if (arriving.compareAndSet(true, false)) {
                    engine.arrived();
                }
            }
        };
    }
}
