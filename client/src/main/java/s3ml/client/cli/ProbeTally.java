package s3ml.client.cli;

import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;

/// Counts what became of calls that were made at a steady rate. Thread-safe.
final class ProbeTally {
    private static final int FIRST_SIZE = 1024;

    private long failed;
    private Optional<String> firstFailure = Optional.empty();
    private long lastAnswer;
    private long longestGap;
    private long[] latencies = new long[FIRST_SIZE];
    private int answered;

    /// A call was answered.
    ///
    /// @param began and `ended` by [System#nanoTime()]
    synchronized void answered(long began, long ended) {
        if (answered == latencies.length) {
            latencies = Arrays.copyOf(latencies, latencies.length * 2);
        }
        latencies[answered++] = ended - began;
        if (answered > 1) {
            longestGap = Math.max(longestGap, ended - lastAnswer);
        }
        lastAnswer = answered == 1 ? ended : Math.max(lastAnswer, ended);
    }

    /// A call failed for good, with all its repetitions.
    synchronized void failed(String why) {
        failed++;
        firstFailure = firstFailure.or(() -> Optional.of(why));
    }

    /// What came out.
    ///
    /// @param now by [System#nanoTime()]: a gap that has not ended yet counts too
    synchronized Result result(long now) {
        long[] sorted = Arrays.copyOf(latencies, answered);
        Arrays.sort(sorted);
        long gap = answered == 0 ? 0 : Math.max(longestGap, now - lastAnswer);
        return new Result(
                answered + failed,
                failed,
                Duration.ofNanos(gap),
                percentile(sorted, 0.5),
                percentile(sorted, 0.99),
                firstFailure);
    }

    private static Duration percentile(long[] sorted, double share) {
        return sorted.length == 0
                ? Duration.ZERO
                : Duration.ofNanos(sorted[(int) Math.ceil(share * sorted.length) - 1]);
    }

    /// @param calls that have ended
    /// @param failed of them without an answer
    /// @param longestGap between two answers that followed each other
    /// @param p50 latency of the answered calls, repetitions included
    /// @param p99 the same
    /// @param firstFailure what the first failed call said
    record Result(
            long calls, long failed, Duration longestGap, Duration p50, Duration p99, Optional<String> firstFailure) {}
}
