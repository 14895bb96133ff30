package s3ml.policy;

import java.time.Duration;

/// Bounds and time constants of [PagingWeights].
///
/// @param low pressure below which a host counts as calm, in (0, 1); between it and 1 nothing changes (hysteresis)
/// @param floor smallest host weight, in (0, 1): keeps a trickle that shows when the host is well again
/// @param riseStep first step of a rising weight (slow start), in (0, 1]; then it doubles
/// @param minShare smallest share of a model's nominal weight, over its active replicas, in (0, 1]
/// @param minActiveShare smallest share of a model's replicas left active, in (0, 1]
/// @param parkUtilisation a replica is parked only if the others stay at or below this utilisation, in (0, 1)
/// @param timing how long things take
public record BalanceConfig(
        double low,
        double floor,
        double riseStep,
        double minShare,
        double minActiveShare,
        double parkUtilisation,
        Timing timing) {
    /// How long things take.
    ///
    /// @param settle after taking load from a host, how long its signals need to show the effect
    /// @param patience how long a host must be calm before it gets load back
    /// @param maxPatience bound of the patience, which doubles with each relapse
    /// @param relapse pressure within this time after giving load back counts as a relapse
    /// @param staleAfter reports older than this are ignored
    public record Timing(
            Duration settle, Duration patience, Duration maxPatience, Duration relapse, Duration staleAfter) {
        public Timing {
            if (settle.isNegative() || !patience.isPositive() || maxPatience.compareTo(patience) < 0) {
                throw new IllegalArgumentException("timing: settle must be >= 0 and 0 < patience <= maxPatience: "
                        + settle + ", " + patience + ", " + maxPatience);
            }
            if (!relapse.isPositive() || !staleAfter.isPositive()) {
                throw new IllegalArgumentException("timing: relapse and staleAfter must be positive");
            }
        }
    }

    public BalanceConfig {
        Checks.within(low, 0.01, 0.99, "low");
        Checks.within(floor, 0.001, 0.5, "floor");
        Checks.within(riseStep, 0.01, 1, "riseStep");
        Checks.within(minShare, floor, 1, "minShare");
        Checks.within(minActiveShare, 0.01, 1, "minActiveShare");
        Checks.within(parkUtilisation, 0.01, 0.99, "parkUtilisation");
    }

    /// Values for reports once a second.
    public static BalanceConfig defaults() {
        Timing timing = new Timing(
                Duration.ofSeconds(4),
                Duration.ofSeconds(2),
                Duration.ofSeconds(120),
                Duration.ofSeconds(10),
                Duration.ofSeconds(5));
        return new BalanceConfig(0.6, 0.01, 0.1, 0.25, 0.25, 0.7, timing);
    }
}
