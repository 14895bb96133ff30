package s3ml.lab.paging;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import s3ml.policy.BalanceConfig;
import s3ml.policy.CpuFeedback;
import s3ml.policy.EqualWeights;
import s3ml.policy.LatencyFeedback;
import s3ml.policy.PagingScaler;
import s3ml.policy.PagingWeights;
import s3ml.policy.Picker;
import s3ml.policy.ScaleConfig;
import s3ml.policy.ScalePolicy;
import s3ml.policy.UtilisationScaler;
import s3ml.policy.WeightPolicy;

/// One policy in a comparison.
///
/// @param name as printed
/// @param role how the comparison counts it
/// @param weights decides weights each tick
/// @param pickers makes a data plane's picker per model
/// @param scaler decides replicas; empty where their number is fixed
record Contender(
        String name,
        Role role,
        WeightPolicy weights,
        BiFunction<SimModel, SplittableRandom, Picker> pickers,
        Optional<ScalePolicy> scaler) {
    /// How the comparison counts a contender.
    enum Role {
        OURS,
        BASELINE,
        /// Sees the true state of every host; not to be had in practice.
        ORACLE
    }

    static Contender ours() {
        return new Contender(
                "s3ml-paging",
                Role.OURS,
                new PagingWeights(BalanceConfig.defaults()),
                Contender::bounded,
                Optional.empty());
    }

    static List<Contender> balancing() {
        return List.of(
                ours(),
                baseline("round-robin", new EqualWeights(), Contender::roundRobin),
                baseline("least-outstanding", new EqualWeights(), Contender::least),
                baseline("two-choices", new EqualWeights(), (model, random) -> new Picker.TwoChoices(random)),
                // Feedback gets the same picker as ours: the comparison is of signals, not of pickers.
                baseline("p99-feedback", new LatencyFeedback(0.3), Contender::bounded),
                baseline("cpu-feedback", new CpuFeedback(0.3), Contender::bounded),
                new Contender("oracle", Role.ORACLE, new EqualWeights(), Contender::least, Optional.empty()));
    }

    /// @param config bounds, the same for all
    static List<Contender> scaling(ScaleConfig config) {
        ScalePolicy paging = new PagingScaler(config, Duration.ofSeconds(5));
        ScalePolicy cpu = new UtilisationScaler(config, UtilisationScaler.Signal.CPU);
        ScalePolicy latency = new UtilisationScaler(config, UtilisationScaler.Signal.LATENCY);
        return List.of(
                new Contender(
                        "s3ml-paging",
                        Role.OURS,
                        new PagingWeights(BalanceConfig.defaults()),
                        Contender::bounded,
                        Optional.of(paging)),
                scaled("hpa-cpu", new EqualWeights(), cpu),
                scaled("hpa-latency", new EqualWeights(), latency),
                scaled("p99-feedback+hpa-cpu", new LatencyFeedback(0.3), cpu),
                new Contender("oracle", Role.ORACLE, new EqualWeights(), Contender::least, Optional.of(paging)));
    }

    private static Contender baseline(
            String name, WeightPolicy weights, BiFunction<SimModel, SplittableRandom, Picker> pickers) {
        return new Contender(name, Role.BASELINE, weights, pickers, Optional.empty());
    }

    private static Contender scaled(String name, WeightPolicy weights, ScalePolicy scaler) {
        return new Contender(name, Role.BASELINE, weights, Contender::bounded, Optional.of(scaler));
    }

    private static Picker roundRobin(SimModel model, SplittableRandom random) {
        return new Picker.RoundRobin();
    }

    private static Picker least(SimModel model, SplittableRandom random) {
        return new Picker.LeastOutstanding();
    }

    /// A replica that holds half of what the objective allows still answers in time, new ones included.
    private static Picker bounded(SimModel model, SplittableRandom random) {
        return new Picker.BoundedLeast(
                Math.max(1, (int) Math.ceil(model.objectiveMillis() / (2 * model.serviceMillis()))));
    }
}
