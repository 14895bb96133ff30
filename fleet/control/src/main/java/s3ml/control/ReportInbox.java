package s3ml.control;

import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import s3ml.policy.HostReport;
import s3ml.policy.PagingRates;
import s3ml.policy.ReplicaReport;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.FleetGrpc;
import s3ml.wire.fleet.ReplicaConfig;
import s3ml.wire.fleet.ReportReply;
import s3ml.wire.fleet.Scrape;

/// Keeps the newest report of each host. Thread-safe.
///
/// The host is whoever the agent's certificate names; an unknown one is refused, so that the memory is bounded by the
/// fleet. Agents that share a certificate name their host themselves: so one of them can report for another, and for
/// hosts without replicas, which costs latency only. A fixed number bounds those.
public final class ReportInbox extends FleetGrpc.FleetImplBase {
    /// More than any host holds; a longer list is cut before it is copied.
    private static final int MOST_REPLICAS = 4096;
    /// A wrong p99 in nanoseconds must not become a negative duration.
    private static final long LONGEST_NANOS = Duration.ofDays(1).toNanos();
    /// Hosts beyond it are not remembered; the policies are measured up to a tenth of it.
    private static final int MOST_HOSTS = 10_000;
    /// As long as a name of a Kubernetes node may be.
    private static final int LONGEST_NAME = 253;
    /// A host without replicas is part of the fleet while it reports.
    private static final Duration SPARE_FOR = Duration.ofSeconds(10);

    private final Map<String, HostReport> newest = new ConcurrentHashMap<>();
    private final Optional<String> group;
    private final InstantSource clock;
    private final int intervalMillis;
    private volatile Members members = new Members(FleetConfig.getDefaultInstance(), Set.of(), Map.of());
    private volatile Map<String, Integer> shares = Map.of();

    /// @param fleet all of it
    /// @param hosts of the fleet
    /// @param replicas per host, those that its agent shall read
    private record Members(FleetConfig fleet, Set<String> hosts, Map<String, List<ReplicaConfig>> replicas) {}

    /// @param group common name of the certificate that agents share; empty: each has its own
    /// @param clock of the reports
    /// @param intervalMillis between two reports that are wanted
    public ReportInbox(Optional<String> group, InstantSource clock, int intervalMillis) {
        this.group = group;
        this.clock = clock;
        this.intervalMillis = intervalMillis;
    }

    /// What agents call, each known by the certificate of its connection.
    public ServerServiceDefinition service() {
        return ServerInterceptors.intercept(this, new PeerName());
    }

    /// Takes reports of this fleet from now on; those of hosts that stay are kept.
    public void follow(FleetConfig fleet) {
        Set<String> hosts = new HashSet<>();
        Map<String, List<ReplicaConfig>> replicas = new HashMap<>();
        fleet.getHostsList().forEach(host -> {
            hosts.add(host.getName());
            replicas.put(
                    host.getName(),
                    host.getReplicasList().stream()
                            .filter(replica -> replica.getMetricsPort() > 0)
                            .filter(replica -> replica.getPhase() != ReplicaConfig.Phase.ENDING)
                            .toList());
        });
        members = new Members(fleet, Set.copyOf(hosts), Map.copyOf(replicas));
        if (group.isEmpty()) {
            newest.keySet().retainAll(hosts);
        }
    }

    /// Agents are told what these weights mean from now on, until the next ones.
    ///
    /// @param published by replica, 0 to 1000, as data planes have them for the present fleet
    public void decided(Map<String, Integer> published) {
        shares = Shares.of(members.fleet(), published);
    }

    private List<Scrape> scrapes(String host) {
        Map<String, Integer> decided = shares;
        return members.replicas().getOrDefault(host, List.of()).stream()
                .map(replica -> scrape(replica, decided))
                .toList();
    }

    private static Scrape scrape(ReplicaConfig replica, Map<String, Integer> decided) {
        Scrape.Builder scrape = Scrape.newBuilder()
                .setReplica(replica.getName())
                .setModel(replica.getModel())
                .setAddress(replica.getAddress())
                .setPort(replica.getMetricsPort());
        Integer share = decided.get(replica.getName());
        if (share != null && replica.getPhase() == ReplicaConfig.Phase.SERVING) {
            scrape.setShare(share);
        }
        return scrape.build();
    }

    /// The newest report per host.
    Map<String, HostReport> reports() {
        return Map.copyOf(newest);
    }

    /// Hosts that report and have no replica, in the order of their names: there is room on them.
    List<String> spares() {
        Instant oldest = clock.instant().minus(SPARE_FOR);
        Set<String> hosts = members.hosts();
        newest.values()
                .removeIf(
                        report -> !hosts.contains(report.host()) && report.at().isBefore(oldest));
        return newest.keySet().stream()
                .filter(host -> !hosts.contains(host))
                .sorted()
                .toList();
    }

    @Override
    public StreamObserver<s3ml.wire.fleet.HostReport> report(StreamObserver<ReportReply> replies) {
        String peer = PeerName.current();
        boolean shared = group.isPresent() && group.get().equals(peer);
        if (!shared && !members.hosts().contains(peer)) {
            replies.onError(Status.PERMISSION_DENIED
                    .withDescription("CTL-102: no host of this fleet")
                    .asRuntimeException());
            return new Unheard<>();
        }
        return new StreamObserver<>() {
            @Override
            public void onNext(s3ml.wire.fleet.HostReport report) {
                String host = shared ? report.getHost() : peer;
                if (isTaken(host, shared)) {
                    newest.put(host, read(host, report));
                }
                replies.onNext(ReportReply.newBuilder()
                        .setSequence(report.getSequence())
                        .setIntervalMillis(intervalMillis)
                        .addAllScrapes(scrapes(host))
                        .build());
            }

            @Override
            public void onError(Throwable broken) {
                // The agent connects again, and until then its last report grows stale.
            }

            @Override
            public void onCompleted() {
                replies.onCompleted();
            }
        };
    }

    private boolean isTaken(String host, boolean shared) {
        if (members.hosts().contains(host)) {
            return true;
        }
        boolean known = newest.containsKey(host) || newest.size() < MOST_HOSTS;
        return shared && known && !host.isBlank() && host.length() <= LONGEST_NAME;
    }

    private HostReport read(String host, s3ml.wire.fleet.HostReport report) {
        PagingRates paging = report.hasPaging()
                ? new PagingRates(
                        report.getPaging().getLoadedPerSecond(),
                        report.getPaging().getEvictedPerSecond(),
                        report.getPaging().getFreePages(),
                        report.getPaging().getTotalPages())
                : null;
        List<ReplicaReport> replicas = new ArrayList<>();
        report.getReplicasList().stream().limit(MOST_REPLICAS).forEach(replica -> {
            long nanos = replica.getLatencyP99Nanos();
            replicas.add(new ReplicaReport(
                    replica.getReplica(),
                    replica.getModel(),
                    replica.getArrivalsPerSecond(),
                    replica.getOutstanding(),
                    Duration.ofNanos(nanos < 0 ? LONGEST_NANOS : Math.min(nanos, LONGEST_NANOS))));
        });
        return new HostReport(host, clock.instant(), paging, report.getCpuBusy(), report.getProcessors(), replicas);
    }
}
