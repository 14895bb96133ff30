package s3ml.policy;

import java.time.Duration;

/// What the fleet knows beforehand of one model; made by `s3ml profile`.
///
/// @param model name of the model
/// @param objective latency objective (of the 99th percentile); positive
/// @param serviceTime time of one inference alone on a core, no paging; positive
/// @param workingSetPages pages one inference touches, the runtime's own included; ≥ 1
/// @param fit how paging bears on the objective
public record ModelProfile(
        String model, Duration objective, Duration serviceTime, long workingSetPages, PagingFit fit) {
    public ModelProfile {
        Checks.named(model, "model");
        if (!objective.isPositive()) {
            throw new IllegalArgumentException("objective is not positive: " + objective);
        }
        if (!serviceTime.isPositive()) {
            throw new IllegalArgumentException("serviceTime is not positive: " + serviceTime);
        }
        if (workingSetPages < 1) {
            throw new IllegalArgumentException("workingSetPages is below 1: " + workingSetPages);
        }
    }

    double objectiveSeconds() {
        return objective.toNanos() / 1e9;
    }

    double serviceSeconds() {
        return serviceTime.toNanos() / 1e9;
    }
}
