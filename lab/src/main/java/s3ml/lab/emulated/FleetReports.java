package s3ml.lab.emulated;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import s3ml.policy.FleetView;
import s3ml.policy.Host;
import s3ml.policy.HostReport;
import s3ml.policy.ModelProfile;
import s3ml.policy.PagingRates;
import s3ml.policy.ReplicaReport;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;

/// What a control plane knows of its fleet, as a policy wants it: so that baselines decide from the very reports that
/// ours decides from.
final class FleetReports {
    private FleetReports() {}

    static FleetView view(Explanation explanation, Map<String, ModelProfile> profiles) {
        Instant now = Instant.now();
        List<Host> hosts = new ArrayList<>();
        Map<String, HostReport> reports = new HashMap<>();
        for (HostExplanation host : explanation.getHostsList()) {
            List<Host.Replica> replicas = new ArrayList<>();
            host.getReplicasList()
                    .forEach(replica -> replicas.add(new Host.Replica(replica.getReplica(), replica.getModel())));
            hosts.add(new Host(host.getHost(), replicas));
            if (host.hasReport()) {
                reports.put(host.getHost(), report(host, now));
            }
        }
        return new FleetView(now, hosts, reports, profiles);
    }

    private static HostReport report(HostExplanation host, Instant now) {
        s3ml.wire.fleet.HostReport report = host.getReport();
        PagingRates paging = report.hasPaging()
                ? new PagingRates(
                        report.getPaging().getLoadedPerSecond(),
                        report.getPaging().getEvictedPerSecond(),
                        report.getPaging().getFreePages(),
                        report.getPaging().getTotalPages())
                : null;
        List<ReplicaReport> replicas = new ArrayList<>();
        report.getReplicasList()
                .forEach(replica -> replicas.add(new ReplicaReport(
                        replica.getReplica(),
                        replica.getModel(),
                        replica.getArrivalsPerSecond(),
                        replica.getOutstanding(),
                        Duration.ofNanos(replica.getLatencyP99Nanos()))));
        return new HostReport(host.getHost(), now, paging, report.getCpuBusy(), report.getProcessors(), replicas);
    }
}
