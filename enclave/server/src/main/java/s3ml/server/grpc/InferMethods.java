package s3ml.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import s3ml.protocol.FieldLimit;
import s3ml.protocol.ServiceMethods;
import s3ml.server.engine.HeapBudget;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;

/// The service as it is offered: the generated definition, but requests for inference are read as [Arrival]s.
public final class InferMethods {
    private InferMethods() {}

    /// Defines the service.
    ///
    /// @param heap what requests for inference may take of it; all others are small
    public static ServerServiceDefinition of(InferenceService service, HeapBudget heap) {
        Map<String, ServerMethodDefinition<?, ?>> inference = new HashMap<>();
        put(
                inference,
                read(GRPCInferenceServiceGrpc.getModelInferMethod(), heap),
                ServerCalls.asyncUnaryCall(service::infer));
        put(
                inference,
                read(GRPCInferenceServiceGrpc.getModelStreamInferMethod(), heap),
                ServerCalls.asyncBidiStreamingCall(service::inferStream));
        return ServiceMethods.changed(service.bindService(), generated -> {
            ServerMethodDefinition<?, ?> ours =
                    inference.get(generated.getMethodDescriptor().getFullMethodName());
            return ours == null ? FieldLimit.on(generated, FieldLimit.NAMES_BYTES) : ours;
        });
    }

    private static <R> void put(
            Map<String, ServerMethodDefinition<?, ?>> methods,
            MethodDescriptor<Arrival, R> method,
            ServerCallHandler<Arrival, R> handler) {
        methods.put(
                method.getFullMethodName(),
                ServerMethodDefinition.create(
                        method, (call, headers) -> new Custody(handler.startCall(call, headers), method.getType())));
    }

    private static <Q, R> MethodDescriptor<Arrival, R> read(MethodDescriptor<Q, R> generated, HeapBudget heap) {
        return generated.toBuilder(new Reader(heap), generated.getResponseMarshaller())
                .build();
    }

    private record Reader(HeapBudget heap) implements Marshaller<Arrival> {
        @Override
        public InputStream stream(Arrival request) {
            throw new UnsupportedOperationException("a server sends no requests");
        }

        @Override
        public Arrival parse(InputStream stream) {
            try {
                return Arrival.read(stream, heap.share());
            } catch (IOException malformed) {
                throw Status.INTERNAL
                        .withDescription("Invalid protobuf byte sequence")
                        .withCause(malformed)
                        .asRuntimeException();
            }
        }
    }

    /// Holds each message until the service had its chance to take what it needs: a call that is cancelled before it is
    /// whole would never give its buffers back.
    private static final class Custody extends SimpleForwardingServerCallListener<Arrival> {
        private final MethodType type;
        private @Nullable Arrival held;

        Custody(ServerCall.Listener<Arrival> service, MethodType type) {
            super(service);
            this.type = type;
        }

        @Override
        public void onMessage(Arrival message) {
            drop();
            held = message;
            try {
                super.onMessage(message);
            } finally {
                // A unary call is only begun when it is half closed.
                if (type != MethodType.UNARY) {
                    drop();
                }
            }
        }

        @Override
        public void onHalfClose() {
            try {
                super.onHalfClose();
            } finally {
                drop();
            }
        }

        @Override
        public void onCancel() {
            drop();
            super.onCancel();
        }

        @Override
        public void onComplete() {
            drop();
            super.onComplete();
        }

        private void drop() {
            if (held != null) {
                held.close();
                held = null;
            }
        }
    }
}
