package s3ml.policy;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/// Fleets for tests: fixed ones, and random ones from a seed.
final class Fleets {
    static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    static final long TOTAL_PAGES = 23_936;
    static final double THRESHOLD = 1000;

    private Fleets() {}

    static ModelProfile profile(String model) {
        return new ModelProfile(
                model,
                Duration.ofMillis(200),
                Duration.ofMillis(20),
                5000,
                new PagingFit.Predictive(THRESHOLD, THRESHOLD / 2, THRESHOLD * 2));
    }

    static Map<String, ModelProfile> profiles(int models) {
        Map<String, ModelProfile> profiles = new HashMap<>();
        for (int m = 0; m < models; m++) {
            profiles.put("m" + m, profile("m" + m));
        }
        return profiles;
    }

    /// Hosts h0.. with one replica of each model.
    static List<Host> hosts(int hosts, int models) {
        List<Host> all = new ArrayList<>();
        for (int h = 0; h < hosts; h++) {
            List<Host.Replica> replicas = new ArrayList<>();
            for (int m = 0; m < models; m++) {
                replicas.add(new Host.Replica("h" + h + "-m" + m, "m" + m));
            }
            all.add(new Host("h" + h, replicas));
        }
        return all;
    }

    static HostReport report(Host host, Instant at, double paging, double latencyMillis) {
        return report(host, at, paging, latencyMillis, 5);
    }

    static HostReport report(Host host, Instant at, double paging, double latencyMillis, double arrivals) {
        List<ReplicaReport> replicas = new ArrayList<>();
        for (Host.Replica replica : host.replicas()) {
            replicas.add(new ReplicaReport(
                    replica.name(), replica.model(), arrivals, 0.5, Duration.ofNanos((long) (latencyMillis * 1e6))));
        }
        return new HostReport(host.name(), at, new PagingRates(paging, paging, 500, TOTAL_PAGES), 0.4, 4, replicas);
    }

    static Map<String, HostReport> reports(List<Host> hosts, Instant at, double paging, double latencyMillis) {
        Map<String, HostReport> reports = new HashMap<>();
        hosts.forEach(host -> reports.put(host.name(), report(host, at, paging, latencyMillis)));
        return reports;
    }

    /// A report whose numbers may be anything, most of them plausible.
    static HostReport arbitrary(Host host, Instant at, SplittableRandom random) {
        double[] odd = {Double.NaN, -1, Double.POSITIVE_INFINITY, 1e12};
        boolean absurd = random.nextInt(10) == 0;
        double paging =
                absurd ? odd[random.nextInt(odd.length)] : random.nextDouble() * 6 * THRESHOLD * random.nextInt(3);
        return report(
                host,
                at.minusMillis(random.nextInt(8000)),
                paging,
                random.nextDouble() * 500,
                random.nextDouble() * 30);
    }

    /// Runs the body for many seeds, naming the seed at fault; `-Dseed=N` replays one.
    static void seeded(int runs, Consumer<SplittableRandom> body) {
        Long only = Long.getLong("seed");
        for (long seed = only == null ? 1 : only; seed <= (only == null ? runs : only); seed++) {
            try {
                body.accept(new SplittableRandom(seed));
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + seed + " (replay with -Dseed=" + seed + "): " + e.getMessage(), e);
            }
        }
    }
}
