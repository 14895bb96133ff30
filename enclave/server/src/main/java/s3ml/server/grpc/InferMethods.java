package s3ml.server.grpc;

import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import s3ml.protocol.FieldLimit;
import s3ml.server.engine.HeapBudget;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;

/// The service as it is offered: the generated definition, but requests for inference are read as [Arrival]s.
public final class InferMethods {
    /// Names and flags.
    private static final int OTHERS_BYTES = 64 * 1024;

    private InferMethods() {}

    /// Defines the service.
    ///
    /// @param heap what requests for inference may take of it; all others are small
    public static ServerServiceDefinition of(InferenceService service, HeapBudget heap) {
        ServerServiceDefinition generated = service.bindService();
        Map<String, ServerMethodDefinition<?, ?>> methods = new LinkedHashMap<>();
        generated
                .getMethods()
                .forEach(method -> methods.put(
                        method.getMethodDescriptor().getFullMethodName(), FieldLimit.on(method, OTHERS_BYTES)));
        put(
                methods,
                read(GRPCInferenceServiceGrpc.getModelInferMethod(), heap),
                ServerCalls.asyncUnaryCall(service::infer));
        put(
                methods,
                read(GRPCInferenceServiceGrpc.getModelStreamInferMethod(), heap),
                ServerCalls.asyncBidiStreamingCall(service::inferStream));
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(
                        generated.getServiceDescriptor().getName())
                .setSchemaDescriptor(generated.getServiceDescriptor().getSchemaDescriptor());
        methods.values().forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(descriptor.build());
        methods.values().forEach(definition::addMethod);
        return definition.build();
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
