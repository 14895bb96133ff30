package s3ml.server.engine;

import java.util.List;
import s3ml.server.tensor.OutputTensor;

/// A request in the queue.
///
/// @param since [System#nanoTime()] when it came
record Pending(InferenceRequest request, RequestCheck.Checked checked, Answer answer, long since) {
    /// Refuses a request for which nobody waits any more.
    boolean refuseIfLate(long now, ModelStatistics statistics) {
        if (answer.abandoned()) {
            refuse(new RequestRefused(Fault.CANCELLED, "the caller went away"), statistics);
            return true;
        }
        if (now - request.deadlineNanos() > 0) {
            refuse(new RequestRefused(Fault.DEADLINE_EXCEEDED, "its time ran out while it waited"), statistics);
            return true;
        }
        return false;
    }

    void refuse(RequestRefused refused, ModelStatistics statistics) {
        statistics.failed(System.nanoTime() - since);
        request.close();
        answer.refuse(refused);
    }

    void succeed(ServedModel model, List<OutputTensor> outputs, long started) {
        request.close();
        model.statistics().succeeded(System.nanoTime() - since, started - since);
        answer.succeed(new InferenceResult(model.spec().name(), request.id(), outputs, ""));
    }
}
