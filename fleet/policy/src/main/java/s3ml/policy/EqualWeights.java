package s3ml.policy;

/// Baseline: every replica gets the same, whatever the reports say. With [Picker.RoundRobin] it is round robin, with
/// [Picker.LeastOutstanding] it is least outstanding requests.
public record EqualWeights() implements WeightPolicy {
    @Override
    public WeightDecision decide(WeightDecision previous, FleetView fleet) {
        return ReplicaWeights.of(fleet, (host, replica) -> 1);
    }
}
