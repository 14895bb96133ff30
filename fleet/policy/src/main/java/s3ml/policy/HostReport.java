package s3ml.policy;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One report of a host's agent. Values are as the host gave them: only [ReportVetting] makes them usable.
///
/// @param host the host's name, as the control plane knows it from the agent's certificate
/// @param at end of the window, by the control plane's clock on receipt
/// @param paging EPC paging, or null where the host has no paging source
/// @param cpuBusy busy share of the host's processors, 0 to 1
/// @param processors of the host
/// @param replicas what its replicas did
public record HostReport(
        String host,
        Instant at,
        @Nullable PagingRates paging,
        double cpuBusy,
        int processors,
        List<ReplicaReport> replicas) {
    public HostReport {
        replicas = List.copyOf(replicas);
    }
}
