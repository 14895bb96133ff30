package s3ml.lab.emulated;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import s3ml.lab.paging.SimulatedTwin;
import s3ml.policy.ModelProfile;
import s3ml.policy.PagingFit;
import s3ml.policy.WeightDecision;

/// One fleet of real servers, run under one policy after the other: same servers, same arrivals, same antagonists.
final class FleetRun {
    private static final Duration WARM_UP = Duration.ofSeconds(2);
    private static final int LOOKS_FOR_CALM = 60;
    private static final int STORM_MILLIS = 3000;
    private static final int NEVER_AGAIN_MILLIS = 600_000;

    private final EmulatedFleet fleet;
    private final ControlProcess control;
    private final Map<String, Double> serviceMillis;
    private final Load load;
    private double agentsAt;
    private long startedAt;

    /// What happens on the first host.
    enum Scene {
        QUIET("quiet", "no-paging"),
        /// Somebody else's enclave, beside which only one of two models has room.
        NEIGHBOUR("neighbour", "interference"),
        /// Enclaves that start and end: evictions, and hardly any loads of their own.
        STARTUP_STORM("startup-storm", "interference");

        private final String label;
        private final String kind;

        Scene(String label, String kind) {
            this.label = label;
            this.kind = kind;
        }

        String label() {
            return label;
        }

        String kind() {
            return kind;
        }
    }

    /// @param perSecond requests of each model
    /// @param time measured per policy
    /// @param neighbourPages of the antagonist
    /// @param sweepMillis between the beginnings of two of its walks
    /// @param seed of the arrivals
    record Load(double perSecond, Duration time, int neighbourPages, int sweepMillis, long seed) {}

    /// What one policy made of one scene.
    ///
    /// @param goodput answers within the objective, a second
    /// @param sloAttainment share of the due requests that were answered within it
    /// @param p99Millis over all requests, those that were not answered as the longest a client waits
    /// @param failed requests that were not answered in time at all
    /// @param pagesPerSecond loaded back on the first host
    record Outcome(
            RealPolicy policy,
            double goodput,
            double sloAttainment,
            double p99Millis,
            long failed,
            double pagesPerSecond) {}

    private FleetRun(EmulatedFleet fleet, ControlProcess control, Map<String, Double> serviceMillis, Load load) {
        this.fleet = fleet;
        this.control = control;
        this.serviceMillis = serviceMillis;
        this.load = load;
    }

    /// Measures each model alone, then starts the control plane with what it learned.
    static FleetRun prepare(EmulatedFleet fleet, Load load) throws IOException, InterruptedException {
        Map<String, Double> service = new LinkedHashMap<>();
        for (String model : fleet.replicas().keySet()) {
            fleet.alone(model);
            service.put(model, Math.max(0.1, fleet.alone(model)));
        }
        FleetRun run = new FleetRun(fleet, fleet.control(service), service, load);
        // Compilers warm up, here and in the servers; and what an agent takes to start is not what it costs.
        run.run(Scene.QUIET, RealPolicy.ROUND_ROBIN);
        run.agentsAt = run.agentSeconds();
        run.startedAt = System.nanoTime();
        return run;
    }

    private double agentSeconds() {
        return fleet.hosts().stream()
                .mapToDouble(host -> host.agentTime().toMillis() / 1e3)
                .average()
                .orElse(0);
    }

    /// Processor time of an agent since all were started, as a share of one core.
    double agentShare() {
        return (agentSeconds() - agentsAt) / ((System.nanoTime() - startedAt) / 1e9);
    }

    Map<String, Double> serviceMillis() {
        return Map.copyOf(serviceMillis);
    }

    /// The same in the simulator.
    SimulatedTwin twin() {
        List<SimulatedTwin.Model> models = new ArrayList<>();
        double objective = fleet.shape().objective().toMillis();
        serviceMillis.forEach(
                (model, millis) -> models.add(new SimulatedTwin.Model(model, millis, fleet.pages(model), objective)));
        int cores = Math.max(
                1, Runtime.getRuntime().availableProcessors() / fleet.shape().hosts());
        return new SimulatedTwin(fleet.shape().hosts(), cores, fleet.shape().pages(), models);
    }

    /// Share of the fleet's capacity that the load is.
    double utilisation() {
        double most = serviceMillis.values().stream()
                .mapToDouble(millis -> millis)
                .max()
                .orElse(0);
        return load.perSecond() * most / 1000 / fleet.shape().hosts();
    }

    Outcome run(Scene scene, RealPolicy policy) throws IOException, InterruptedException {
        EmulatedHost first = fleet.hosts().getFirst();
        first.quiet();
        for (int i = 0;
                i < LOOKS_FOR_CALM && control.weights().values().stream().anyMatch(w -> w < 1000);
                i++) {
            Thread.sleep(ControlProcess.LOOK);
        }
        Map<String, OpenLoop> clients = new LinkedHashMap<>();
        fleet.replicas().keySet().forEach(model -> clients.put(model, fleet.clients(model)));
        AtomicBoolean ending = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            try {
                send(clients, policy, WARM_UP, threads);
                Future<?> steering = threads.submit(() -> steer(clients, policy, ending));
                Future<?> disturbing = threads.submit(() -> disturb(scene, first, ending));
                long loaded = first.loadedBack();
                List<OpenLoop.Result> results = send(clients, policy, load.time(), threads);
                double pages = (first.loadedBack() - loaded) / (load.time().toMillis() / 1e3);
                ending.set(true);
                steering.get();
                disturbing.get();
                return outcome(policy, results, pages);
            } catch (ExecutionException failed) {
                throw new IllegalStateException("the experiment failed", failed);
            } finally {
                ending.set(true);
                first.quiet();
            }
        }
    }

    private List<OpenLoop.Result> send(
            Map<String, OpenLoop> clients, RealPolicy policy, Duration time, ExecutorService threads)
            throws InterruptedException, ExecutionException {
        List<Callable<OpenLoop.Result>> loads = new ArrayList<>();
        long seed = load.seed();
        for (Map.Entry<String, OpenLoop> model : clients.entrySet()) {
            SplittableRandom random = new SplittableRandom(seed++);
            double service = serviceMillis.getOrDefault(model.getKey(), 1.0);
            int limit = (int) Math.ceil(fleet.shape().objective().toMillis() / (2 * service));
            loads.add(() -> model.getValue().run(load.perSecond(), time, policy.picker(Math.max(1, limit)), random));
        }
        List<OpenLoop.Result> results = new ArrayList<>();
        for (Future<OpenLoop.Result> result : threads.invokeAll(loads)) {
            results.add(result.get());
        }
        return results;
    }

    private Void steer(Map<String, OpenLoop> clients, RealPolicy policy, AtomicBoolean ending)
            throws InterruptedException {
        WeightDecision decided = WeightDecision.none();
        while (!ending.get() && !policy.fixed()) {
            if (policy.feedback().isPresent()) {
                decided = policy.feedback().get().decide(decided, FleetReports.view(control.explain(), profiles()));
                apply(clients, decided.replicaWeights());
            } else {
                apply(clients, control.weights());
            }
            Thread.sleep(policy.feedback().isPresent() ? 500 : ControlProcess.LOOK.toMillis());
        }
        return null;
    }

    private Map<String, ModelProfile> profiles() {
        Map<String, ModelProfile> profiles = new HashMap<>();
        serviceMillis.forEach((model, millis) -> profiles.put(
                model,
                new ModelProfile(
                        model,
                        fleet.shape().objective(),
                        Duration.ofNanos((long) (millis * 1e6)),
                        fleet.pages(model),
                        new PagingFit.NotPredictive("baselines do not look at paging"))));
        return profiles;
    }

    private void apply(Map<String, OpenLoop> clients, Map<String, Integer> weights) {
        clients.forEach((model, loop) -> loop.weights(fleet.replicas().getOrDefault(model, List.of()).stream()
                .mapToInt(replica -> weights.getOrDefault(replica.name(), WeightDecision.FULL_WEIGHT))
                .toArray()));
    }

    private Void disturb(Scene scene, EmulatedHost host, AtomicBoolean ending)
            throws IOException, InterruptedException {
        switch (scene) {
            case QUIET -> {}
            case NEIGHBOUR -> host.antagonist(load.neighbourPages(), load.sweepMillis());
            case STARTUP_STORM -> {
                while (!ending.get()) {
                    host.antagonist(load.neighbourPages(), NEVER_AGAIN_MILLIS);
                    for (int waited = 0; waited < STORM_MILLIS && !ending.get(); waited += 50) {
                        Thread.sleep(50);
                    }
                }
            }
        }
        return null;
    }

    private Outcome outcome(RealPolicy policy, List<OpenLoop.Result> results, double pages) {
        long offered = 0;
        long good = 0;
        long failed = 0;
        double p99 = 0;
        for (OpenLoop.Result result : results) {
            offered += result.offered();
            good += result.good();
            failed += result.failed();
            p99 = Math.max(p99, result.quantile(0.99));
        }
        double seconds = load.time().toMillis() / 1e3;
        return new Outcome(policy, good / seconds, offered == 0 ? 1 : (double) good / offered, p99, failed, pages);
    }
}
