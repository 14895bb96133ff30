package s3ml.server.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeUnit;
import s3ml.server.engine.Fault;
import s3ml.server.engine.RequestRefused;

/// Refusals as gRPC statuses.
final class Refusals {
    /// What gRPC's retries (proposal A6) wait for, as `Retry-After` is HTTP's.
    private static final Metadata.Key<String> PUSHBACK =
            Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER);

    private Refusals() {}

    static StatusRuntimeException of(RequestRefused refused) {
        Status status = status(refused.fault()).withDescription(refused.getMessage());
        return refused.fault() == Fault.OVERLOADED
                ? status.asRuntimeException(pushedBack(refused))
                : status.asRuntimeException();
    }

    private static Metadata pushedBack(RequestRefused refused) {
        Metadata trailers = new Metadata();
        trailers.put(PUSHBACK, Long.toString(TimeUnit.SECONDS.toMillis(refused.retryAfterSeconds())));
        return trailers;
    }

    private static Status status(Fault fault) {
        return switch (fault) {
            case NO_SUCH_MODEL, NO_SUCH_VERSION, NO_SUCH_REGION -> Status.NOT_FOUND;
            case MODEL_NOT_READY, SERVER_NOT_READY -> Status.UNAVAILABLE;
            case MALFORMED,
                    UNKNOWN_ENCODING,
                    WRONG_BINARY,
                    WRONG_INPUTS,
                    WRONG_DATATYPE,
                    WRONG_SHAPE,
                    WRONG_SIZE,
                    WRONG_OUTPUT,
                    WRONG_PARAMETER,
                    NOT_OPENED,
                    TOO_LARGE -> Status.INVALID_ARGUMENT;
            case OVERLOADED -> Status.RESOURCE_EXHAUSTED;
            case DEADLINE_EXCEEDED -> Status.DEADLINE_EXCEEDED;
            case CANCELLED -> Status.CANCELLED;
            case NO_SUCH_PATH, WRONG_METHOD, NOT_OFFERED -> Status.UNIMPLEMENTED;
            case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
            case FORBIDDEN -> Status.PERMISSION_DENIED;
            case MODEL_FAILED, INTERNAL -> Status.INTERNAL;
        };
    }
}
