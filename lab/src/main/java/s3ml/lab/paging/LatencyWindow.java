package s3ml.lab.paging;

import java.util.Arrays;

/// Latencies of the last few report windows, for a p99 that a handful of answers can carry.
final class LatencyWindow {
    private static final int WINDOWS = 3;
    private final double[][] windows = new double[WINDOWS][8];
    private final int[] counts = new int[WINDOWS];
    private int current;

    void add(double millis) {
        if (counts[current] == windows[current].length) {
            windows[current] = Arrays.copyOf(windows[current], 2 * windows[current].length);
        }
        windows[current][counts[current]++] = millis;
    }

    /// p99 in milliseconds, 0 without answers; begins the next window.
    double turn() {
        int total = Arrays.stream(counts).sum();
        double[] all = new double[total];
        int at = 0;
        for (int w = 0; w < WINDOWS; w++) {
            System.arraycopy(windows[w], 0, all, at, counts[w]);
            at += counts[w];
        }
        current = (current + 1) % WINDOWS;
        counts[current] = 0;
        return percentile(all, 0.99);
    }

    /// Nearest-rank percentile; sorts its argument. 0 when empty.
    static double percentile(double[] values, double share) {
        if (values.length == 0) {
            return 0;
        }
        Arrays.sort(values);
        return values[(int) Math.min(values.length - 1L, (long) Math.ceil(share * values.length) - 1)];
    }
}
