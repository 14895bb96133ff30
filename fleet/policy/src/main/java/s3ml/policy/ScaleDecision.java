package s3ml.policy;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What to start and to stop, per model.
///
/// @param at time of the tick
/// @param models per model
public record ScaleDecision(Instant at, Map<String, ModelScale> models) {
    /// The decision about one model.
    ///
    /// @param model the model
    /// @param desired replicas it should have
    /// @param actions what to do now
    /// @param grownAt when it was last scaled out
    /// @param needMetUntil last time when the need was as high as what it has; scaling in counts from here
    /// @param reasons the numbers that led here
    public record ModelScale(
            String model,
            int desired,
            List<Action> actions,
            Instant grownAt,
            Instant needMetUntil,
            List<Reason> reasons) {
        public ModelScale {
            actions = List.copyOf(actions);
            reasons = List.copyOf(reasons);
        }
    }

    /// One step.
    public sealed interface Action {
        /// Start a replica of the model on this host.
        record Start(String host) implements Action {}

        /// Drain and stop this replica.
        record Stop(String replica, String host) implements Action {}
    }

    public ScaleDecision {
        models = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(models));
    }

    /// The decision about one model.
    public Optional<ModelScale> of(String model) {
        return Optional.ofNullable(models.get(model));
    }

    /// What there is before the first tick.
    public static ScaleDecision none() {
        return new ScaleDecision(Instant.MIN, Map.of());
    }
}
