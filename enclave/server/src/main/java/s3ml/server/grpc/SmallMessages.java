package s3ml.server.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// A service whose requests are names and flags: larger ones are not read. The port's own limit is that of tensors, and
/// what the protobuf library makes of many small fields takes much more than their bytes.
public final class SmallMessages {
    private static final int LARGEST = 64 * 1024;

    private SmallMessages() {}

    /// The same service with that limit.
    public static ServerServiceDefinition of(ServerServiceDefinition service) {
        List<ServerMethodDefinition<?, ?>> methods = new ArrayList<>();
        service.getMethods().forEach(method -> methods.add(limited(method)));
        ServiceDescriptor.Builder descriptor = ServiceDescriptor.newBuilder(
                        service.getServiceDescriptor().getName())
                .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
        methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
        ServerServiceDefinition.Builder definition = ServerServiceDefinition.builder(descriptor.build());
        methods.forEach(definition::addMethod);
        return definition.build();
    }

    /// The same method with that limit.
    static <Q, R> ServerMethodDefinition<Q, R> limited(ServerMethodDefinition<Q, R> method) {
        MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
        MethodDescriptor<Q, R> limited = descriptor.toBuilder(
                        new Limited<>(descriptor.getRequestMarshaller()), descriptor.getResponseMarshaller())
                .build();
        return ServerMethodDefinition.create(limited, method.getServerCallHandler());
    }

    private record Limited<T>(Marshaller<T> marshaller) implements Marshaller<T> {
        @Override
        public InputStream stream(T message) {
            return marshaller.stream(message);
        }

        @Override
        public T parse(InputStream stream) {
            try {
                byte[] bytes = stream.readNBytes(LARGEST + 1);
                if (bytes.length > LARGEST) {
                    throw Status.RESOURCE_EXHAUSTED
                            .withDescription("SRV-212: the message has more than " + LARGEST + " bytes")
                            .asRuntimeException();
                }
                return marshaller.parse(new ByteArrayInputStream(bytes));
            } catch (IOException broken) {
                throw Status.INTERNAL
                        .withDescription("Invalid protobuf byte sequence")
                        .withCause(broken)
                        .asRuntimeException();
            }
        }
    }
}
