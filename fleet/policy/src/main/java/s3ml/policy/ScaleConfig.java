package s3ml.policy;

import java.time.Duration;

/// Bounds of scaling.
///
/// @param minReplicas per model, ≥ 1
/// @param maxReplicas per model
/// @param maxPerHost replicas of all models on one host, ≥ 1
/// @param target utilisation of replicas to aim at, in (0, 1)
/// @param outCooldown time between two scale-outs of a model: what a start needs to show its effect
/// @param inCooldown how long the need must stay lower before a replica is stopped; starting costs, so this is long
public record ScaleConfig(
        int minReplicas, int maxReplicas, int maxPerHost, double target, Duration outCooldown, Duration inCooldown) {
    public ScaleConfig {
        if (minReplicas < 1 || maxReplicas < minReplicas || maxPerHost < 1) {
            throw new IllegalArgumentException("replicas: need 1 <= min <= max and maxPerHost >= 1: " + minReplicas
                    + ", " + maxReplicas + ", " + maxPerHost);
        }
        Checks.within(target, 0.05, 0.95, "target");
        if (!outCooldown.isPositive() || !inCooldown.isPositive()) {
            throw new IllegalArgumentException("cooldowns must be positive");
        }
    }

    /// Values for reports once a second.
    public static ScaleConfig defaults() {
        return new ScaleConfig(1, 10_000, 16, 0.65, Duration.ofSeconds(5), Duration.ofSeconds(60));
    }
}
