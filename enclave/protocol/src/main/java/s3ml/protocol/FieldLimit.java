package s3ml.protocol;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.WireFormat;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/// Refuses messages of many fields before they are read. Whatever a field holds, an object of a hundred bytes and more
/// is made of it, also of one that the message does not know: a megabyte on the wire can become thirty in the heap of
/// an enclave, and a heap that is full ends it. The messages of our protocols have some dozen fields.
public final class FieldLimit {
    /// Fields of a message and of the messages in it; a number of a packed list counts as one.
    public static final int FIELDS = 2_000;

    /// Bytes of a request that holds names and flags alone.
    public static final int NAMES_BYTES = 64 * 1024;

    private static final int DEEPEST = 32;

    private FieldLimit() {}

    /// The same service with that limit, and with one of bytes.
    ///
    /// @param largest bytes of a request
    public static ServerServiceDefinition on(ServerServiceDefinition service, int largest) {
        return ServiceMethods.changed(service, method -> on(method, largest));
    }

    /// The same method with those limits.
    public static <Q, R> ServerMethodDefinition<Q, R> on(ServerMethodDefinition<Q, R> method, int largest) {
        MethodDescriptor<Q, R> descriptor = method.getMethodDescriptor();
        MethodDescriptor<Q, R> limited = descriptor.toBuilder(
                        new Limited<>(descriptor.getRequestMarshaller(), largest), descriptor.getResponseMarshaller())
                .build();
        return ServerMethodDefinition.create(limited, method.getServerCallHandler());
    }

    /// Checks a message that lies in another.
    ///
    /// @throws InvalidProtocolBufferException if the bytes are no message, or one of too many fields
    public static void check(Descriptor type, ByteString bytes) throws InvalidProtocolBufferException {
        check(type, bytes.newCodedInput());
    }

    private static void check(Descriptor type, CodedInputStream in) throws InvalidProtocolBufferException {
        try {
            count(type, in, FIELDS, 0);
        } catch (InvalidProtocolBufferException malformed) {
            throw malformed;
        } catch (IOException impossible) {
            throw new InvalidProtocolBufferException(impossible);
        }
    }

    private static int count(Descriptor type, CodedInputStream in, int most, int depth) throws IOException {
        int left = most;
        int tag = in.readTag();
        while (tag != 0) {
            FieldDescriptor field = type.findFieldByNumber(WireFormat.getTagFieldNumber(tag));
            if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_START_GROUP) {
                throw new InvalidProtocolBufferException("a group, of which our messages have none");
            }
            left--;
            if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED && field != null) {
                int length = in.readRawVarint32();
                int before = in.pushLimit(length);
                if (field.getJavaType() == FieldDescriptor.JavaType.MESSAGE && depth < DEEPEST) {
                    left = count(field.getMessageType(), in, left, depth + 1);
                } else {
                    left -= field.isPackable() ? length : 0;
                    in.skipRawBytes(length);
                }
                in.popLimit(before);
            } else {
                in.skipField(tag);
            }
            if (left < 0) {
                throw new InvalidProtocolBufferException("more than " + FIELDS + " fields");
            }
            tag = in.readTag();
        }
        return left;
    }

    private record Limited<T>(Marshaller<T> marshaller, int largest) implements Marshaller<T> {
        @Override
        public InputStream stream(T message) {
            return marshaller.stream(message);
        }

        @Override
        public T parse(InputStream stream) {
            try {
                byte[] bytes = stream.readNBytes(largest + 1);
                if (bytes.length > largest) {
                    throw new InvalidProtocolBufferException("more than " + largest + " bytes");
                }
                if (marshaller instanceof PrototypeMarshaller<T> typed
                        && typed.getMessagePrototype() instanceof Message prototype) {
                    check(prototype.getDescriptorForType(), CodedInputStream.newInstance(bytes));
                }
                return marshaller.parse(new ByteArrayInputStream(bytes));
            } catch (IOException refused) {
                throw Status.RESOURCE_EXHAUSTED
                        .withDescription("refused to read the message: " + refused.getMessage())
                        .asRuntimeException();
            }
        }
    }
}
