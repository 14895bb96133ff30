package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.stream.DoubleStream;

/// How well one signal predicts that the objective is missed: a threshold fitted on half of the runs, judged on the
/// rest.
///
/// @param signal the signal
/// @param threshold values over it predict a violation
/// @param low 5th percentile of the threshold over resampled runs, or the threshold if that is less
/// @param high 95th percentile, or the threshold if that is more
/// @param precision share of the predicted violations that were some, on held-out runs
/// @param recall share of the violations that were predicted, on held-out runs
/// @param spearman rank correlation of signal and p99, on held-out runs
public record Predictor(
        ProbeRun.Signal signal,
        double threshold,
        double low,
        double high,
        double precision,
        double recall,
        double spearman) {
    private static final int RESAMPLES = 100;

    /// Fits on the even runs and judges on the odd ones.
    public static Predictor fit(List<ProbeRun> runs, ProbeRun.Signal signal, SplittableRandom random) {
        List<ProbeRun> train = new ArrayList<>();
        List<ProbeRun> heldOut = new ArrayList<>();
        for (int i = 0; i < runs.size(); i++) {
            // In pairs, since the design alternates the number of replicas.
            (i / 2 % 2 == 0 ? train : heldOut).add(runs.get(i));
        }
        double threshold = best(train, signal);
        double[] resampled = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            List<ProbeRun> sample = new ArrayList<>(train.size());
            for (int k = 0; k < train.size(); k++) {
                sample.add(train.get(random.nextInt(train.size())));
            }
            resampled[i] = best(sample, signal);
        }
        int hits = 0;
        int predicted = 0;
        int violations = 0;
        for (ProbeRun run : heldOut) {
            boolean says = run.of(signal) > threshold;
            predicted += says ? 1 : 0;
            violations += run.violated() ? 1 : 0;
            hits += says && run.violated() ? 1 : 0;
        }
        return new Predictor(
                signal,
                threshold,
                Math.min(threshold, LatencyWindow.percentile(resampled, 0.05)),
                Math.max(threshold, LatencyWindow.percentile(resampled, 0.95)),
                predicted == 0 ? 0 : (double) hits / predicted,
                violations == 0 ? 0 : (double) hits / violations,
                spearman(heldOut, signal));
    }

    /// The signal as users read it.
    public String name() {
        return signal.name().toLowerCase(Locale.ROOT);
    }

    /// All of it in a line, indented.
    public String line() {
        return String.format(
                Locale.ROOT,
                "    %-7s precision %.2f  recall %.2f  Spearman %5.2f   threshold %10.2f (%.2f to %.2f)%n",
                name(),
                precision,
                recall,
                spearman,
                threshold,
                low,
                high);
    }

    /// Precision and recall as one number.
    public double f1() {
        return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
    }

    /// The threshold with the best F1, in the middle between two observed values: any other one between them tells the
    /// same runs apart, and is nearer to being wrong about the next.
    private static double best(List<ProbeRun> runs, ProbeRun.Signal signal) {
        double[] values = DoubleStream.concat(DoubleStream.of(0), runs.stream().mapToDouble(run -> run.of(signal)))
                .sorted()
                .distinct()
                .toArray();
        double best = values[values.length - 1];
        double most = -1;
        for (int i = 1; i < values.length; i++) {
            double candidate = (values[i - 1] + values[i]) / 2;
            double f1 = f1(runs, signal, candidate);
            if (f1 > most) {
                most = f1;
                best = candidate;
            }
        }
        return best;
    }

    private static double f1(List<ProbeRun> runs, ProbeRun.Signal signal, double threshold) {
        int hits = 0;
        int wrong = 0;
        for (ProbeRun run : runs) {
            boolean says = run.of(signal) > threshold;
            hits += says && run.violated() ? 1 : 0;
            wrong += says != run.violated() ? 1 : 0;
        }
        return hits == 0 ? 0 : 2.0 * hits / (2.0 * hits + wrong);
    }

    static double spearman(List<ProbeRun> runs, ProbeRun.Signal signal) {
        double[] x = ranks(runs.stream().mapToDouble(run -> run.of(signal)).toArray());
        double[] y = ranks(runs.stream().mapToDouble(ProbeRun::p99Millis).toArray());
        double meanX = Arrays.stream(x).average().orElse(0);
        double meanY = Arrays.stream(y).average().orElse(0);
        double both = 0;
        double onlyX = 0;
        double onlyY = 0;
        for (int i = 0; i < x.length; i++) {
            both += (x[i] - meanX) * (y[i] - meanY);
            onlyX += (x[i] - meanX) * (x[i] - meanX);
            onlyY += (y[i] - meanY) * (y[i] - meanY);
        }
        return onlyX == 0 || onlyY == 0 ? 0 : both / Math.sqrt(onlyX * onlyY);
    }

    /// Ranks; equal values share the mean of theirs.
    private static double[] ranks(double[] values) {
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
        double[] ranks = new double[values.length];
        int from = 0;
        while (from < order.length) {
            int to = from;
            while (to + 1 < order.length && values[order[to + 1]] == values[order[from]]) {
                to++;
            }
            for (int i = from; i <= to; i++) {
                ranks[order[i]] = (from + to) / 2.0;
            }
            from = to + 1;
        }
        return ranks;
    }
}
