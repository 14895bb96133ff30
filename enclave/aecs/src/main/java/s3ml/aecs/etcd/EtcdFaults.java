package s3ml.aecs.etcd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import s3ml.attest.S3mlException;

/// The failures of an etcd cluster: all of them are `AECS-301`, each with what the operator can do about it.
final class EtcdFaults {
    private static final String CODE = "AECS-301";

    private EtcdFaults() {}

    static S3mlException failed(String doing, String endpoint, StatusRuntimeException cause) {
        return failure(doing, endpoint + " answered " + text(cause), next(cause.getStatus()), cause);
    }

    /// @param said what each member that was asked said last
    static S3mlException unreachable(
            String doing, int tries, Duration within, Map<String, StatusRuntimeException> said, Throwable last) {
        return failure(
                doing,
                "no member answered in " + tries + " tries within " + within.toMillis() + " ms; "
                        + said.entrySet().stream()
                                .map(member -> member.getKey() + " last said " + text(member.getValue()))
                                .collect(Collectors.joining(", ")),
                "check that a majority of the members runs and can be reached from here",
                last);
    }

    static S3mlException unknownOutcome() {
        return failure(
                "committing",
                "the connection was lost while it was committed, and other commits followed: it was made or not",
                "read the state, and repeat the command if it is not there",
                null);
    }

    static S3mlException malformed(String what) {
        return failure("reading", "its answer holds " + what, "check what listens at the configured endpoints", null);
    }

    static S3mlException interrupted(InterruptedException cause) {
        return failure("waiting", "this thread was interrupted", "try again", cause);
    }

    private static S3mlException failure(String doing, String why, String next, @Nullable Throwable cause) {
        return new S3mlException(CODE, "etcd storage failed while " + doing, why, next, cause);
    }

    private static String text(StatusRuntimeException failure) {
        Status status = failure.getStatus();
        String description = status.getDescription();
        return status.getCode() + (description == null ? "" : " (" + description + ")");
    }

    private static String next(Status status) {
        String description = status.getDescription() == null ? "" : status.getDescription();
        if (description.contains("database space exceeded")) {
            return "etcd is full: compact and defragment it, raise its quota, then disarm the alarm NOSPACE";
        }
        return switch (status.getCode()) {
            case UNAUTHENTICATED, PERMISSION_DENIED -> "check the etcd user, its password and its role";
            case INVALID_ARGUMENT -> "raise --max-request-bytes and --max-txn-ops of etcd to their defaults or more";
            default -> "look into the log of that member";
        };
    }
}
