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

/// One tick after the other: reports in, weights out. Thread-safe; ticks are run by one thread.
final class ControlLoop {
    private final List<Host> hosts = new ArrayList<>();
    private final Map<String, ModelProfile> profiles;
    private final ReportInbox inbox;
    private final EnvoySnapshots envoy;
    private final InstantSource clock;
    private final PagingWeights weights = new PagingWeights(BalanceConfig.defaults());
    private final PagingScaler scaler = new PagingScaler(ScaleConfig.defaults(), Duration.ofSeconds(5));
    private Decided last = new Decided(WeightDecision.none(), ScaleDecision.none(), Map.of());

    /// What the last tick decided, and from what.
    record Decided(WeightDecision weights, ScaleDecision scale, Map<String, HostReport> reports) {}

    ControlLoop(FleetConfig config, ReportInbox inbox, EnvoySnapshots envoy, InstantSource clock) {
        this.profiles = ConfigFile.profiles(config);
        this.inbox = inbox;
        this.envoy = envoy;
        this.clock = clock;
        for (HostConfig host : config.getHostsList()) {
            List<Host.Replica> replicas = new ArrayList<>();
            host.getReplicasList()
                    .forEach(replica -> replicas.add(new Host.Replica(replica.getName(), replica.getModel())));
            hosts.add(new Host(host.getName(), replicas));
        }
    }

    synchronized void tick() {
        Map<String, HostReport> reports = inbox.reports();
        FleetView fleet = new FleetView(clock.instant(), hosts, reports, profiles);
        WeightDecision decided = weights.decide(last.weights(), fleet);
        ScaleDecision scale = scaler.decide(last.scale(), fleet, decided);
        envoy.publish(decided.replicaWeights());
        last = new Decided(decided, scale, reports);
    }

    synchronized Decided last() {
        return last;
    }
}
