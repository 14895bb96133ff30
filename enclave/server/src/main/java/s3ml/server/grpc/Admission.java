package s3ml.server.grpc;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import s3ml.server.engine.InferenceEngine;
import s3ml.server.engine.RequestRefused;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;

/// Refuses an inference by its headers alone while the queue has no room for the inputs that usually come. Under
/// overload most requests are refused; reading megabytes of each first would take the time in which the others could be
/// answered, and the streams of a connection, which share its bandwidth, would all arrive late.
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
        Optional<RequestRefused> refused =
                call.getMethodDescriptor().getFullMethodName().equals(INFER) ? engine.full() : Optional.empty();
        if (refused.isEmpty()) {
            return next.startCall(call, headers);
        }
        StatusRuntimeException status = Refusals.of(refused.get());
        Metadata trailers = status.getTrailers();
        call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
        return new ServerCall.Listener<>() {};
    }
}
