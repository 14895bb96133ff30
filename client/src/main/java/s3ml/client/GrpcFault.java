package s3ml.client;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;

/// What the status of a failed gRPC call means for whoever may ask again.
final class GrpcFault {
    private GrpcFault() {}

    /// @param peer for messages
    /// @param timeout that the call had
    static RuntimeException of(String peer, StatusRuntimeException e, Duration timeout) {
        Status status = e.getStatus();
        String description = status.getDescription() == null ? status.getCode().toString() : status.getDescription();
        return switch (status.getCode()) {
            case UNAVAILABLE ->
                TransportFault.foreignCertificate(e)
                        ? TransportFault.notTheService(peer, e)
                        : TransportFault.connectionLost(peer, description, e);
            case DEADLINE_EXCEEDED -> TransportFault.timeout(peer, timeout, e);
            case RESOURCE_EXHAUSTED -> TransportFault.overloaded(peer, description, e);
            // What gRPC says of a call that is begun while Netty closes the connection under it.
            case UNKNOWN ->
                TransportFault.caused(e, ClosedChannelException.class)
                        ? TransportFault.connectionLost(peer, description, e)
                        : TransportFault.protocol(peer, description, e);
            case UNIMPLEMENTED, INTERNAL, DATA_LOSS -> TransportFault.protocol(peer, description, e);
            case OK, CANCELLED, INVALID_ARGUMENT, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, UNAUTHENTICATED ->
                TransportFault.refused(peer, description, e);
            case FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE -> TransportFault.refused(peer, description, e);
        };
    }
}
