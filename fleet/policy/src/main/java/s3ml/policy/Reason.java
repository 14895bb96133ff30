package s3ml.policy;

import java.time.Duration;
import java.util.Locale;

/// Why a decision came out as it did: the numbers, as values.
public sealed interface Reason {
    /// One line for people.
    String text();

    /// Paging is over the threshold of the most sensitive model on the host.
    record PagingOver(double pagesPerSecond, double threshold) implements Reason {
        @Override
        public String text() {
            return String.format(
                    Locale.ROOT, "paging %.0f pages/s is over the threshold of %.0f", pagesPerSecond, threshold);
        }
    }

    /// Paging is over the threshold, but the latency of the host shows no harm.
    record PagingHarmless(double pagesPerSecond, double threshold, double latencyOverObjective) implements Reason {
        @Override
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "paging %.0f pages/s is over %.0f, yet p99 is only %.2f of the objective",
                    pagesPerSecond,
                    threshold,
                    latencyOverObjective);
        }
    }

    /// The host's latency stands out from the fleet's.
    record LatencyOver(double latencyOverObjective, double fleetMedian) implements Reason {
        @Override
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "p99 is %.2f of the objective, where the fleet's median is %.2f",
                    latencyOverObjective,
                    fleetMedian);
        }
    }

    /// The host's queues stand out from the fleet's.
    record QueueOver(double queueOverLimit, double fleetMedian) implements Reason {
        @Override
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "queue is %.2f of what the objective allows, where the fleet's median is %.2f",
                    queueOverLimit,
                    fleetMedian);
        }
    }

    /// Between the two thresholds nothing changes.
    record Held(double pressure, double low) implements Reason {
        @Override
        public String text() {
            return String.format(Locale.ROOT, "pressure %.2f lies between %.2f and 1: held", pressure, low);
        }
    }

    /// Calm, but not yet for long enough to rise.
    record Waiting(Duration calm, Duration patience) implements Reason {
        @Override
        public String text() {
            return String.format(
                    Locale.ROOT, "calm for %.1f s of %.1f s", calm.toMillis() / 1e3, patience.toMillis() / 1e3);
        }
    }

    /// The weight changed.
    record Moved(double from, double to) implements Reason {
        @Override
        public String text() {
            return String.format(Locale.ROOT, "weight %.3f -> %.3f", from, to);
        }
    }

    /// A replica gets no more load, so that the working sets of the others fit.
    record Parked(String replica, String model, double modelUtilisation) implements Reason {
        @Override
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "parked %s: the other replicas of %s carry it at %.2f utilisation",
                    replica,
                    model,
                    modelUtilisation);
        }
    }

    /// A parked replica gets load again.
    record Activated(String replica, String model, String cause) implements Reason {
        @Override
        public String text() {
            return String.format(Locale.ROOT, "activated %s of %s: %s", replica, model, cause);
        }
    }

    /// The report could not be used; the weight goes back to nominal and least outstanding does the rest.
    record ReportIgnored(String why) implements Reason {
        @Override
        public String text() {
            return "report ignored (" + why + "): least outstanding alone";
        }
    }

    /// The fleet's total weight was too low, so that all weights were lifted.
    record Lifted(double from, double to, double fleetShare) implements Reason {
        @Override
        public String text() {
            return String.format(
                    Locale.ROOT,
                    "weight lifted %.3f -> %.3f: the fleet had only %.2f of its weight",
                    from,
                    to,
                    fleetShare);
        }
    }

    /// A number of replicas follows from a formula.
    record Needed(String formula, double value) implements Reason {
        @Override
        public String text() {
            return String.format(Locale.ROOT, "%s = %.2f replicas", formula, value);
        }
    }

    /// A change was put off or cut.
    record Withheld(String why) implements Reason {
        @Override
        public String text() {
            return why;
        }
    }
}
