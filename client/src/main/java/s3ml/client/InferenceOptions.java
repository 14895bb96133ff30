package s3ml.client;

import java.time.Duration;

/// How an [InferenceClient] spends time, connections and repetitions.
///
/// @param timeout for a call with all its attempts, > 0
/// @param connections to each endpoint, 1 to 16; behind a balancer each may reach another replica
/// @param attempts at most for one call, 1 to 10, the first one included
/// @param hedgeAfter if nothing came after this long, the same request is also sent over another connection and the
///     first answer counts; zero: never
/// @param largestResponse bytes, > 0
/// @param credentials shown with every call
public record InferenceOptions(
        Duration timeout,
        int connections,
        int attempts,
        Duration hedgeAfter,
        int largestResponse,
        Credentials credentials) {
    private static final int MAX_CONNECTIONS = 16;
    private static final int MAX_ATTEMPTS = 10;

    public InferenceOptions {
        require(timeout.isPositive(), "timeout must be positive");
        require(connections >= 1 && connections <= MAX_CONNECTIONS, "connections must be within 1..16");
        require(attempts >= 1 && attempts <= MAX_ATTEMPTS, "attempts must be within 1..10");
        require(!hedgeAfter.isNegative(), "hedgeAfter must not be negative");
        require(largestResponse > 0, "largestResponse must be positive");
    }

    /// 30 s, two connections, four attempts, no hedging, 64 MiB, showing nothing.
    public static InferenceOptions defaults() {
        return new InferenceOptions(Duration.ofSeconds(30), 2, 4, Duration.ZERO, 64 << 20, Credentials.NONE);
    }

    public InferenceOptions withTimeout(Duration changed) {
        return new InferenceOptions(changed, connections, attempts, hedgeAfter, largestResponse, credentials);
    }

    public InferenceOptions withConnections(int changed) {
        return new InferenceOptions(timeout, changed, attempts, hedgeAfter, largestResponse, credentials);
    }

    public InferenceOptions withAttempts(int changed) {
        return new InferenceOptions(timeout, connections, changed, hedgeAfter, largestResponse, credentials);
    }

    public InferenceOptions withHedgeAfter(Duration changed) {
        return new InferenceOptions(timeout, connections, attempts, changed, largestResponse, credentials);
    }

    public InferenceOptions withLargestResponse(int changed) {
        return new InferenceOptions(timeout, connections, attempts, hedgeAfter, changed, credentials);
    }

    public InferenceOptions withCredentials(Credentials changed) {
        return new InferenceOptions(timeout, connections, attempts, hedgeAfter, largestResponse, changed);
    }

    private static void require(boolean holds, String fault) {
        if (!holds) {
            throw new IllegalArgumentException(fault);
        }
    }
}
