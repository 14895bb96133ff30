package s3ml.control;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import s3ml.policy.ScaleDecision;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;

/// Does on one machine what the policy decides: starts replicas as processes, and ends them when balancers have let go
/// of them. Models without a command keep the replicas that the configuration lists. Not thread-safe.
///
/// Closing it leaves the processes as they are: a fleet serves without its control plane, and the next one takes it
/// over.
final class LocalReplicas implements AutoCloseable {
    private static final int DEFAULT_MOST = 16;
    /// One that served so long did not fail by its configuration: it is replaced at once.
    private static final Duration SETTLED = Duration.ofSeconds(30);

    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(60);

    private final FleetConfig fleet;
    private final ReplicaFolder folder;
    private final InstantSource clock;
    private final List<ReplicaProcess> processes = new ArrayList<>();
    private final Map<String, Failing> failing = new HashMap<>();

    /// A model whose replicas end by themselves.
    ///
    /// @param times one after the other
    /// @param pausedUntil nothing is started before
    private record Failing(int times, Instant pausedUntil) {}

    private LocalReplicas(FleetConfig fleet, ReplicaFolder folder, InstantSource clock) {
        this.fleet = fleet;
        this.folder = folder;
        this.clock = clock;
    }

    /// Takes over what runs.
    ///
    /// @param fleet without faults
    /// @param folder where replicas are written down
    /// @throws FleetException `CTL-107` if the folder cannot be used or another control plane has it
    static LocalReplicas open(FleetConfig fleet, Path folder, InstantSource clock) {
        LocalReplicas replicas = new LocalReplicas(fleet, ReplicaFolder.open(folder), clock);
        Set<String> models = new HashSet<>();
        fleet.getModelsList().stream().filter(LocalReplicas::isStarted).forEach(model -> models.add(model.getName()));
        Set<String> hosts = new HashSet<>();
        fleet.getHostsList().forEach(host -> hosts.add(host.getName()));
        for (ReplicaProcess found : found(replicas.folder)) {
            replicas.processes.add(found);
            if (!models.contains(found.model()) || !hosts.contains(found.host())) {
                // The configuration has changed meanwhile.
                found.leave(clock.instant());
            }
        }
        return replicas;
    }

    /// What was written down and still runs; the rest is forgotten.
    private static List<ReplicaProcess> found(ReplicaFolder folder) {
        List<ReplicaProcess> found = new ArrayList<>();
        for (ReplicaFolder.Entry entry : folder.entries()) {
            ReplicaProcess.found(folder, entry).ifPresentOrElse(found::add, () -> folder.forget(entry.replica()));
        }
        return found;
    }

    static boolean isStarted(ModelConfig model) {
        return model.getStartCount() > 0;
    }

    static boolean hasBounds(ModelConfig model) {
        return least(model) >= 1 && least(model) <= most(model);
    }

    private static int least(ModelConfig model) {
        return model.getMinReplicas() == 0 ? 1 : model.getMinReplicas();
    }

    private static int most(ModelConfig model) {
        return model.getMaxReplicas() == 0 ? DEFAULT_MOST : model.getMaxReplicas();
    }

    /// Looks at all processes, begins what the decision asks for, and returns the fleet as it now is.
    FleetConfig follow(ScaleDecision decision) {
        Instant now = clock.instant();
        processes.removeIf(process -> hasEnded(process, now));
        for (ModelConfig model : fleet.getModelsList()) {
            if (isStarted(model)) {
                decision.of(model.getName()).ifPresent(scale -> scale.actions().forEach(action -> act(model, action)));
                while (count(model) < least(model) && start(model, emptiest())) {
                    // One more.
                }
            }
        }
        return members();
    }

    private boolean hasEnded(ReplicaProcess process, Instant now) {
        if (process.look(now)) {
            return false;
        }
        folder.forget(process.name());
        if (process.served(now).compareTo(SETTLED) >= 0) {
            failing.remove(process.model());
        } else if (!process.leaving()) {
            failed(process.model(), process.name() + " ended by itself, see " + folder.log(process.name()));
        }
        return true;
    }

    private void failed(String model, String why) {
        Failing before = failing.get(model);
        int times = before == null ? 1 : before.times() + 1;
        Duration doubled = Duration.ofSeconds(1L << Math.min(times - 1, 6));
        Duration pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
        failing.put(model, new Failing(times, clock.instant().plus(pause)));
        System.err.println("control plane: a replica of " + model + " failed: " + why + "; the next start is in "
                + pause.toSeconds() + " s");
    }

    private void act(ModelConfig model, ScaleDecision.Action action) {
        switch (action) {
            case ScaleDecision.Action.Start start -> start(model, start.host());
            case ScaleDecision.Action.Stop stop -> {
                if (count(model) > least(model)) {
                    processes.stream()
                            .filter(process -> process.name().equals(stop.replica()) && !process.leaving())
                            .forEach(process -> process.leave(clock.instant()));
                }
            }
        }
    }

    /// @return whether a process was started
    private boolean start(ModelConfig model, String host) {
        Failing known = failing.get(model.getName());
        boolean paused = known != null && clock.instant().isBefore(known.pausedUntil());
        boolean listed =
                fleet.getHostsList().stream().anyMatch(each -> each.getName().equals(host));
        if (paused || !listed || count(model) >= most(model)) {
            return false;
        }
        String name = freeName(model.getName());
        try {
            processes.add(ReplicaProcess.start(folder, model.getStartList(), name, model.getName(), host));
            return true;
        } catch (IOException e) {
            failed(model.getName(), String.valueOf(e.getMessage()));
            return false;
        }
    }

    private long count(ModelConfig model) {
        return processes.stream()
                .filter(process -> process.model().equals(model.getName()) && !process.leaving())
                .count();
    }

    private String freeName(String model) {
        Set<String> taken = new HashSet<>();
        processes.forEach(process -> taken.add(process.name()));
        fleet.getHostsList().forEach(host -> host.getReplicasList().forEach(replica -> taken.add(replica.getName())));
        int number = 1;
        while (taken.contains(model + "-" + number)) {
            number++;
        }
        return model + "-" + number;
    }

    /// The host with the fewest replicas, the first of several.
    private String emptiest() {
        return fleet.getHostsList().stream()
                .map(HostConfig::getName)
                .min(Comparator.comparingLong(host -> processes.stream()
                        .filter(process -> process.host().equals(host))
                        .count()))
                .orElse("");
    }

    private FleetConfig members() {
        FleetConfig.Builder now = fleet.toBuilder();
        for (HostConfig.Builder host : now.getHostsBuilderList()) {
            processes.stream()
                    .filter(process -> process.host().equals(host.getName()))
                    .forEach(process -> host.addReplicas(process.config()));
        }
        return now.build();
    }

    /// Ends all replicas of a folder that no control plane has.
    ///
    /// @param patience after which they are killed
    /// @return how many there were
    /// @throws FleetException `CTL-107`
    static int endAll(Path path, Duration patience) throws IOException, InterruptedException {
        try (ReplicaFolder folder = ReplicaFolder.open(path)) {
            List<ReplicaProcess> running = found(folder);
            running.forEach(ReplicaProcess::end);
            long end = System.nanoTime() + patience.toNanos();
            while (running.stream().anyMatch(ReplicaProcess::isAlive) && System.nanoTime() - end < 0) {
                Thread.sleep(100);
            }
            for (ReplicaProcess each : running) {
                each.kill();
                folder.forget(each.name());
            }
            return running.size();
        }
    }

    @Override
    public void close() {
        folder.close();
    }
}
