package s3ml.server.grpc;

import io.grpc.Context;
import io.grpc.Deadline;
import java.util.concurrent.TimeUnit;
import s3ml.server.engine.InferenceRequest;

/// How long a caller will wait.
final class CallTime {
    private CallTime() {}

    /// Nanoseconds that are left of the present call's deadline, negative when it has passed; at most what any request
    /// gets.
    static long leftNanos() {
        Deadline deadline = Context.current().getDeadline();
        long limit = InferenceRequest.DEFAULT_TIMEOUT_NANOS;
        return deadline == null ? limit : Math.min(limit, deadline.timeRemaining(TimeUnit.NANOSECONDS));
    }
}
