package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// The scenarios of `lab balance` and `lab scale`.
final class Scenarios {
    private static final double FOR_EVER = 1e6;
    private static final List<SimModel> TWO = List.of(SimModel.DETECTOR, SimModel.HAND);
    private static final List<SimModel> FOUR = List.of(SimModel.FACE, SimModel.HAND, SimModel.POSE, SimModel.DETECTOR);

    private Scenarios() {}

    /// @param hosts of each scenario
    /// @param seconds of each run
    static List<Scenario> balancing(int hosts, int seconds) {
        Scenario.Fleet pair = new Scenario.Fleet(hosts, 4, List.of(0, 1), TWO, hosts);
        Scenario.Fleet crowd = new Scenario.Fleet(hosts, 4, List.of(0, 1, 2, 3), FOUR, hosts);
        Scenario.Fleet twins = new Scenario.Fleet(hosts, 4, List.of(0, 1), FOUR.subList(0, 2), hosts);
        // With a hand and a detector: 16,000 pages. 12,000 more do not fit; beside one of them they do.
        Scenario.Antagonist neighbour = new Scenario.Antagonist(0, 0.4, 12_000, 0.2, 15, FOR_EVER);
        Scenario.Antagonist greedy = new Scenario.Antagonist(0, 0.3, 23_000, 0.2, 15, FOR_EVER);
        Scenario.Antagonist passing = new Scenario.Antagonist(0, 0.4, 12_000, 0.2, 15, seconds / 2.0);
        // Three models, 20,500 pages, and on every host 10,000 of somebody else's.
        Scenario.Fleet trio = new Scenario.Fleet(hosts, 4, List.of(0, 1, 2), FOUR.subList(0, 3), hosts);
        Scenario.Antagonist everywhere = new Scenario.Antagonist(0, 1, 10_000, 0.2, 15, FOR_EVER);
        return Stream.of(
                        quiet("no-paging-half-load", pair, Scenario.Steering.REQUESTS, 0.5, seconds),
                        quiet("no-paging-high-load", pair, Scenario.Steering.REQUESTS, 0.85, seconds),
                        quiet("no-paging-short-requests", twins, Scenario.Steering.REQUESTS, 0.7, seconds),
                        quiet("no-paging-connections", pair, Scenario.Steering.CONNECTIONS, 0.5, seconds),
                        busy("neighbour", pair, Scenario.Steering.REQUESTS, neighbour, 0.5, seconds),
                        busy("neighbour-connections", pair, Scenario.Steering.CONNECTIONS, neighbour, 0.4, seconds),
                        busy("neighbour-high-load", pair, Scenario.Steering.REQUESTS, neighbour, 0.8, seconds),
                        busy(
                                "neighbour-busy-connections",
                                pair,
                                Scenario.Steering.CONNECTIONS,
                                neighbour,
                                0.65,
                                seconds),
                        busy("neighbour-passing", pair, Scenario.Steering.REQUESTS, passing, 0.5, seconds),
                        busy("greedy-neighbour", pair, Scenario.Steering.REQUESTS, greedy, 0.5, seconds),
                        busy("greedy-high-load", pair, Scenario.Steering.REQUESTS, greedy, 0.8, seconds),
                        busy("greedy-connections", pair, Scenario.Steering.CONNECTIONS, greedy, 0.4, seconds),
                        moving("wandering-neighbour", pair, Scenario.Steering.REQUESTS, seconds),
                        moving("wandering-connections", pair, Scenario.Steering.CONNECTIONS, seconds),
                        busy("everywhere", trio, Scenario.Steering.REQUESTS, everywhere, 0.35, seconds),
                        busy("everywhere-connections", trio, Scenario.Steering.CONNECTIONS, everywhere, 0.3, seconds),
                        new Scenario(
                                "colocation",
                                Scenario.Kind.INTERFERENCE,
                                crowd,
                                Scenario.Steering.REQUESTS,
                                List.of(),
                                t -> 0.4,
                                seconds),
                        new Scenario(
                                "colocation-connections",
                                Scenario.Kind.INTERFERENCE,
                                crowd,
                                Scenario.Steering.CONNECTIONS,
                                List.of(),
                                t -> 0.3,
                                seconds),
                        new Scenario(
                                "colocation-busy-connections",
                                Scenario.Kind.INTERFERENCE,
                                crowd,
                                Scenario.Steering.CONNECTIONS,
                                List.of(),
                                t -> 0.5,
                                seconds))
                .toList();
    }

    private static Scenario quiet(
            String name, Scenario.Fleet fleet, Scenario.Steering steering, double load, int seconds) {
        return new Scenario(name, Scenario.Kind.NO_PAGING, fleet, steering, List.of(), t -> load, seconds);
    }

    private static Scenario busy(
            String name,
            Scenario.Fleet fleet,
            Scenario.Steering steering,
            Scenario.Antagonist antagonist,
            double load,
            int seconds) {
        return new Scenario(name, Scenario.Kind.INTERFERENCE, fleet, steering, List.of(antagonist), t -> load, seconds);
    }

    /// A third of the hosts at a time has a greedy neighbour, who moves on every 20 seconds.
    private static Scenario moving(String name, Scenario.Fleet fleet, Scenario.Steering steering, int seconds) {
        List<Scenario.Antagonist> visits = new ArrayList<>();
        for (int from = 15, third = 0; from < seconds; from += 20, third = (third + 1) % 3) {
            visits.add(new Scenario.Antagonist(third / 3.0, 1 / 3.0, 23_000, 0.2, from, from + 20.0));
        }
        return new Scenario(name, Scenario.Kind.INTERFERENCE, fleet, steering, visits, t -> 0.45, seconds);
    }

    /// Scenarios in which replicas come and go. A quarter of the hosts are filled at the start, the load is relative to
    /// them, and a third of all hosts is another tenant's, who leaves no room for a second enclave there.
    static List<Scenario> scaling(int hosts, int seconds) {
        Scenario.Fleet fleet = new Scenario.Fleet(hosts, 4, List.of(0, 1), TWO, Math.max(1, hosts / 4));
        List<Scenario.Antagonist> tenants = List.of(new Scenario.Antagonist(0, 0.33, 16_000, 0.3, 0, FOR_EVER));
        double span = seconds;
        return List.of(
                new Scenario(
                        "rising",
                        Scenario.Kind.LOAD,
                        fleet,
                        Scenario.Steering.REQUESTS,
                        tenants,
                        t -> 0.4 + 1.4 * t / span,
                        seconds),
                new Scenario(
                        "flash-crowd",
                        Scenario.Kind.LOAD,
                        fleet,
                        Scenario.Steering.REQUESTS,
                        tenants,
                        t -> t > 0.3 * span && t < 0.7 * span ? 1.5 : 0.4,
                        seconds),
                new Scenario(
                        "diurnal",
                        Scenario.Kind.LOAD,
                        fleet,
                        Scenario.Steering.REQUESTS,
                        tenants,
                        t -> 0.95 - 0.65 * Math.cos(2 * Math.PI * 2 * t / span),
                        seconds));
    }
}
