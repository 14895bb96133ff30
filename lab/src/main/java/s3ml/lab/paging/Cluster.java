package s3ml.lab.paging;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import s3ml.policy.FleetView;
import s3ml.policy.Host;
import s3ml.policy.HostReport;
import s3ml.policy.ModelProfile;
import s3ml.policy.ScaleDecision;
import s3ml.policy.WeightDecision;

/// A simulated cluster under one policy: arrivals, hosts, reports once a second, decisions of the very policy classes.
///
/// The same scenario and seed give every policy the same arrivals and the same antagonists.
final class Cluster {
    private static final double TICK_SECONDS = 1;
    /// The first seconds are not counted: caches fill, and reports need a window.
    static final double WARM_UP_SECONDS = 5;
    /// Time of a model server from start to ready, without paging.
    private static final double START_SECONDS = 3;

    private final Scenario scenario;
    private final Contender contender;
    private final VirtualClock clock = new VirtualClock();
    private final SplittableRandom arrivalsRandom;
    private final SplittableRandom placeRandom;
    private final List<SimHost> hosts = new ArrayList<>();
    private final List<Route> routes = new ArrayList<>();
    private final Map<String, ModelProfile> profiles = new HashMap<>();
    private final Tally tally;
    private WeightDecision weights = WeightDecision.none();
    private ScaleDecision scale = ScaleDecision.none();
    private int named;

    private Cluster(Scenario scenario, Contender contender, long seed) {
        this.scenario = scenario;
        this.contender = contender;
        SplittableRandom root = new SplittableRandom(seed);
        this.arrivalsRandom = root.split();
        this.placeRandom = root.split();
        SplittableRandom pickRandom = root.split();
        this.tally = new Tally(clock, scenario.fleet().models());
        for (SimModel model : scenario.fleet().models()) {
            routes.add(new Route(contender, model, scenario.steering(), pickRandom.split(), clock));
            profiles.put(model.name(), model.profile());
        }
    }

    /// Runs a scenario under a policy.
    static Outcome run(Scenario scenario, Contender contender, long seed) {
        return new Cluster(scenario, contender, seed).run();
    }

    private Outcome run() {
        Scenario.Fleet fleet = scenario.fleet();
        for (int h = 0; h < fleet.hosts(); h++) {
            SimHost host = new SimHost("h" + h, fleet.cores(), fleet.costs(), clock);
            hosts.add(host);
            if (h < fleet.filled()) {
                fleet.placed().forEach(model -> add(host, model));
            }
        }
        double[] capacity = quietCapacity();
        placeAntagonists();
        for (int m = 0; m < routes.size(); m++) {
            int model = m;
            routes.get(m).open();
            arrive(model, capacity[m]);
        }
        clock.after(TICK_SECONDS, this::tick);
        clock.runUntil((long) (scenario.seconds() * 1e9));
        return tally.outcome(contender, scenario.seconds() - WARM_UP_SECONDS);
    }

    /// Requests a second per model that the initial replicas could answer, were there no paging.
    private double[] quietCapacity() {
        double[] capacity = new double[routes.size()];
        double busy = 0;
        for (SimHost host : hosts) {
            for (SimReplica replica : host.replicas) {
                capacity[replica.modelIndex] += replica.model.capacity();
                busy++;
            }
        }
        // More replicas than cores cannot all be busy.
        double cores = (double) scenario.fleet().filled() * scenario.fleet().cores();
        double share = Math.min(1, cores / busy);
        for (int m = 0; m < capacity.length; m++) {
            capacity[m] *= share;
        }
        return capacity;
    }

    private SimReplica add(SimHost host, int model) {
        SimModel kind = scenario.fleet().models().get(model);
        String name = kind.name() + "-" + named++;
        SimReplica replica = new SimReplica(name, model, kind, host, tally::answered, clock);
        host.epc.populate(replica.enclave, clock.now());
        host.replicas.add(replica);
        routes.get(model).add(replica);
        tally.replicas(1);
        return replica;
    }

    private void placeAntagonists() {
        int[] order = new int[hosts.size()];
        for (int i = 0; i < order.length; i++) {
            int j = placeRandom.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        for (Scenario.Antagonist antagonist : scenario.antagonists()) {
            int first = (int) Math.round(antagonist.skipShare() * hosts.size());
            int last = (int) Math.round((antagonist.skipShare() + antagonist.hostShare()) * hosts.size());
            for (int i = first; i < Math.min(last, order.length); i++) {
                SimHost host = hosts.get(order[i]);
                clock.after(
                        antagonist.from(),
                        () -> host.antagonist(
                                antagonist.pages(), antagonist.sweepSeconds(), (long) (antagonist.until() * 1e9)));
            }
        }
    }

    /// Poisson arrivals of a model, thinned to the load curve.
    private void arrive(int model, double capacity) {
        double rate = Math.max(0.01, capacity * scenario.load().applyAsDouble(clock.seconds()));
        clock.after(-Math.log(1 - arrivalsRandom.nextDouble()) / rate, () -> {
            SimRequest request = new SimRequest(model, clock.now());
            tally.offered();
            SimReplica replica = routes.get(model).route();
            if (replica == null) {
                tally.answered(request, Double.POSITIVE_INFINITY);
            } else {
                replica.accept(request);
            }
            arrive(model, capacity);
        });
    }

    private void tick() {
        List<Host> members = new ArrayList<>(hosts.size());
        Map<String, HostReport> reports = new HashMap<>();
        for (SimHost host : hosts) {
            members.add(host.member());
            reports.put(host.name, host.report(TICK_SECONDS));
        }
        long began = System.nanoTime();
        FleetView view = new FleetView(clock.instant(), members, reports, profiles);
        weights = contender.weights().decide(weights, view);
        contender.scaler().ifPresent(scaler -> scale = scaler.decide(scale, view, weights));
        tally.ticked(System.nanoTime() - began);
        Map<String, Integer> perReplica = weights.replicaWeights();
        routes.forEach(route -> route.weigh(perReplica));
        if (contender.scaler().isPresent()) {
            act();
        }
        clock.after(TICK_SECONDS, this::tick);
    }

    private void act() {
        Map<String, SimHost> byName = new HashMap<>();
        hosts.forEach(host -> byName.put(host.name, host));
        for (int m = 0; m < routes.size(); m++) {
            int model = m;
            scale.of(scenario.fleet().models().get(m).name()).ifPresent(decision -> {
                for (ScaleDecision.Action action : decision.actions()) {
                    act(action, model, byName);
                }
            });
        }
    }

    private void act(ScaleDecision.Action action, int model, Map<String, SimHost> byName) {
        switch (action) {
            case ScaleDecision.Action.Start start -> {
                SimHost host = byName.get(start.host());
                if (host != null) {
                    SimReplica replica = add(host, model);
                    replica.notReady();
                    double paging = host.epc.backlogNanos(clock.now()) / 1e9;
                    clock.after(START_SECONDS + paging, replica::becomeReady);
                }
            }
            case ScaleDecision.Action.Stop stop -> {
                if (routes.get(model).remove(stop.replica())) {
                    tally.replicas(-1);
                }
            }
        }
    }
}
