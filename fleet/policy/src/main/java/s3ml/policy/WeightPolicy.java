package s3ml.policy;

/// Decides how much load each replica gets.
public sealed interface WeightPolicy permits PagingWeights, EqualWeights, LatencyFeedback, CpuFeedback {
    /// The next decision. Pure: the same arguments give the same result.
    ///
    /// @param previous the decision of the last tick, or [WeightDecision#none()]
    /// @param fleet what is known now
    WeightDecision decide(WeightDecision previous, FleetView fleet);
}
