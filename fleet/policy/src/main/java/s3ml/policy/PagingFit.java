package s3ml.policy;

/// What the offline analysis found about paging as a predictor of one model's latency.
public sealed interface PagingFit {
    /// Paging predicts the objective.
    ///
    /// @param pagesPerSecond pages loaded back per second on the host at which the model's p99 meets its objective; > 0
    /// @param low lower end of the confidence interval
    /// @param high upper end of the confidence interval
    record Predictive(double pagesPerSecond, double low, double high) implements PagingFit {
        public Predictive {
            Checks.within(pagesPerSecond, Double.MIN_NORMAL, 1e9, "pagesPerSecond");
            Checks.within(low, 0, pagesPerSecond, "low");
            Checks.within(high, pagesPerSecond, 1e9, "high");
        }
    }

    /// Paging does not predict the objective of this model, so policies look at its latency only.
    ///
    /// @param reason why, with the numbers of the analysis
    record NotPredictive(String reason) implements PagingFit {}
}
