package s3ml.control;

import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import s3ml.policy.BalanceConfig;
import s3ml.policy.FleetView;
import s3ml.policy.Host;
import s3ml.policy.HostReport;
import s3ml.policy.ModelProfile;
import s3ml.policy.PagingScaler;
import s3ml.policy.PagingWeights;
import s3ml.policy.ScaleConfig;
import s3ml.policy.ScaleDecision;
import s3ml.policy.WeightDecision;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// One tick after the other: reports in, weights out. Thread-safe; ticks are run by one thread.
///
/// The fleet may change between ticks; what is known of hosts and models that stay is kept.
final class ControlLoop {
    private List<Host> hosts = List.of();
    private Map<String, ModelProfile> profiles = Map.of();
    private final ReportInbox inbox;
    private final XdsSnapshots snapshots;
    private final InstantSource clock;
    private final PagingWeights weights = new PagingWeights(BalanceConfig.defaults());
    private final PagingScaler scaler = new PagingScaler(ScaleConfig.defaults(), Duration.ofSeconds(5));
    private Decided last = new Decided(WeightDecision.none(), ScaleDecision.none(), Map.of(), Map.of());

    /// What the last tick decided, and from what.
    record Decided(
            WeightDecision weights,
            ScaleDecision scale,
            Map<String, HostReport> reports,
            Map<String, ModelProfile> profiles) {}

    ControlLoop(ReportInbox inbox, XdsSnapshots snapshots, InstantSource clock) {
        this.inbox = inbox;
        this.snapshots = snapshots;
        this.clock = clock;
    }

    /// From the next tick on the fleet is this one.
    ///
    /// @param config without faults
    synchronized void govern(FleetConfig config) {
        List<Host> members = new ArrayList<>();
        for (HostConfig host : config.getHostsList()) {
            List<Host.Replica> replicas = new ArrayList<>();
            host.getReplicasList().stream()
                    .filter(replica -> replica.getPhase() != ReplicaConfig.Phase.ENDING)
                    .forEach(replica -> replicas.add(new Host.Replica(replica.getName(), replica.getModel())));
            members.add(new Host(host.getName(), replicas));
        }
        hosts = List.copyOf(members);
        profiles = ConfigFile.profiles(config);
        inbox.follow(config);
        snapshots.follow(config);
    }

    synchronized void tick() {
        Map<String, HostReport> reports = inbox.reports();
        List<Host> all = new ArrayList<>(hosts);
        inbox.spares().forEach(spare -> all.add(new Host(spare, List.of())));
        FleetView fleet = new FleetView(clock.instant(), all, reports, profiles);
        WeightDecision decided = weights.decide(last.weights(), fleet);
        ScaleDecision scale = scaler.decide(last.scale(), fleet, decided);
        Map<String, Integer> published = decided.replicaWeights();
        snapshots.publish(published);
        // After the data planes: a connection that is asked to go shall be placed by the new weights.
        inbox.decided(published);
        last = new Decided(decided, scale, reports, profiles);
    }

    synchronized Decided last() {
        return last;
    }
}
