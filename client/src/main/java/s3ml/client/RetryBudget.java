package s3ml.client;

/// Bounds repeated requests to a share of all requests, so that a client does not multiply the load of a failing
/// service.
///
/// Every request earns a part of a repetition, up to a ceiling; a repetition takes a whole one. It starts full, so that
/// a replica that dies early costs no error. Safe for use by several threads.
public final class RetryBudget {
    private final double earnedPerRequest;
    private final double ceiling;
    private double available;

    /// @param earnedPerRequest 0 to 1: repetitions per request in the long run
    /// @param ceiling ≥ 0: repetitions that may come at once
    public RetryBudget(double earnedPerRequest, double ceiling) {
        if (!(earnedPerRequest >= 0 && earnedPerRequest <= 1) || !(ceiling >= 0)) {
            throw new IllegalArgumentException("earnedPerRequest must be within 0..1 and ceiling not negative");
        }
        this.earnedPerRequest = earnedPerRequest;
        this.ceiling = ceiling;
        this.available = ceiling;
    }

    /// Counts a first attempt.
    public synchronized void requested() {
        available = Math.min(ceiling, available + earnedPerRequest);
    }

    /// Takes one repetition, if there is one.
    public synchronized boolean tryRepeat() {
        if (available < 1) {
            return false;
        }
        available -= 1;
        return true;
    }
}
