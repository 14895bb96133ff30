package s3ml.server.grpc;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import s3ml.server.admission.WaitingLine;
import s3ml.server.engine.RequestRefused;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;

/// Lets the message of an inference come when there will be room for it, or refuses the call by its headers alone.
///
/// Under overload most requests are refused; reading megabytes of each first would take the time in which the others
/// could be answered, and the streams of a connection, which share its bandwidth, would all arrive late.
public final class Admission implements ServerInterceptor {
    private static final String INFER =
            GRPCInferenceServiceGrpc.getModelInferMethod().getFullMethodName();

    private final CallStreams streams;

    /// @param streams of the same server
    public Admission(CallStreams streams) {
        this.streams = streams;
    }

    @Override
    public <A, B> ServerCall.Listener<A> interceptCall(
            ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
        CallStreams.Stream stream = streams.current();
        if (!call.getMethodDescriptor().getFullMethodName().equals(INFER)) {
            if (call.getMethodDescriptor().getType() != MethodType.UNARY) {
                // Its requests come one at a time, each when the one before it was answered.
                stream.letIn();
            }
            return next.startCall(call, headers);
        }
        Held<A, B> held = new Held<>(call, stream);
        WaitingLine.Place place;
        try {
            place = stream.party().ask(CallTime.leftNanos(), held);
        } catch (RequestRefused refused) {
            refuse(call, refused);
            return new ServerCall.Listener<>() {};
        }
        if (!place.waits()) {
            stream.letIn();
            return new Watched<>(next.startCall(call, headers), place);
        }
        return new Watched<>(next.startCall(held, headers), place);
    }

    private static void refuse(ServerCall<?, ?> call, RequestRefused refused) {
        StatusRuntimeException status = Refusals.of(refused);
        Metadata trailers = status.getTrailers();
        call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
    }

    /// Gives the place back when the message is in the engine's queue, or when the call is over.
    private static final class Watched<A> extends SimpleForwardingServerCallListener<A> {
        private final WaitingLine.Place place;

        Watched(ServerCall.Listener<A> listener, WaitingLine.Place place) {
            super(listener);
            this.place = place;
        }

        @Override
        public void onHalfClose() {
            try {
                super.onHalfClose();
            } finally {
                // Not before: until it is counted in the queue, another one would be let in instead.
                place.arrived();
            }
        }

        @Override
        public void onCancel() {
            place.givenUp();
            super.onCancel();
        }

        @Override
        public void onComplete() {
            place.givenUp();
            super.onComplete();
        }
    }

    /// A call whose message is not read before it is admitted. What is told to it comes from any thread and is done by
    /// the connection's own, as all that a call does before its message is there.
    private static final class Held<A, B> extends SimpleForwardingServerCall<A, B> implements WaitingLine.Caller {
        private final CallStreams.Stream stream;
        private boolean open;
        private boolean closed;
        private int wanted;

        Held(ServerCall<A, B> call, CallStreams.Stream stream) {
            super(call);
            this.stream = stream;
        }

        @Override
        public void request(int messages) {
            if (open) {
                super.request(messages);
            } else {
                wanted += messages;
            }
        }

        @Override
        public void close(Status status, Metadata trailers) {
            closed = true;
            super.close(status, trailers);
        }

        @Override
        public void admitted() {
            stream.thread().execute(() -> {
                open = true;
                if (!closed) {
                    stream.letIn();
                    stream.windows().flush();
                    super.request(wanted);
                }
            });
        }

        @Override
        public void refused(RequestRefused why) {
            stream.thread().execute(() -> {
                if (!closed && !isCancelled()) {
                    refuse(this, why);
                }
            });
        }
    }
}
