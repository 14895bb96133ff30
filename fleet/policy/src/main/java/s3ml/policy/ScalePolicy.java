package s3ml.policy;

/// Decides how many replicas each model has, and where.
public sealed interface ScalePolicy permits PagingScaler, UtilisationScaler {
    /// The next decision. Pure: the same arguments give the same result.
    ///
    /// @param previous the decision of the last tick, or [ScaleDecision#none()]
    /// @param fleet what is known now
    /// @param weights the weight decision of this tick
    ScaleDecision decide(ScaleDecision previous, FleetView fleet, WeightDecision weights);
}
