package s3ml.policy;

import java.time.Instant;
import java.util.List;
import java.util.Map;

/// All that a policy may look at in one tick.
///
/// @param now the time of the tick
/// @param hosts members of the fleet; names are unique
/// @param reports newest report per host; may lack hosts
/// @param profiles per model; a model without one is balanced by latency only
public record FleetView(
        Instant now, List<Host> hosts, Map<String, HostReport> reports, Map<String, ModelProfile> profiles) {
    public FleetView {
        hosts = List.copyOf(hosts);
        reports = Map.copyOf(reports);
        profiles = Map.copyOf(profiles);
    }
}
