package s3ml.control;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;
import javax.naming.ldap.Rdn;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import s3ml.policy.HostReport;
import s3ml.policy.PagingRates;
import s3ml.policy.ReplicaReport;
import s3ml.wire.fleet.FleetGrpc;
import s3ml.wire.fleet.ReportReply;

/// Keeps the newest report of each host. Thread-safe.
///
/// The host is whoever the agent's certificate names; an unknown one is refused, so that the memory is bounded by the
/// fleet.
final class ReportInbox extends FleetGrpc.FleetImplBase {
    /// More than any host holds; a longer list is cut before it is copied.
    private static final int MOST_REPLICAS = 4096;
    /// A wrong p99 in nanoseconds must not become a negative duration.
    private static final long LONGEST_NANOS = Duration.ofDays(1).toNanos();

    static final Context.Key<String> PEER = Context.key("peer");

    private final Map<String, HostReport> newest = new ConcurrentHashMap<>();
    private final Set<String> hosts;
    private final InstantSource clock;
    private final int intervalMillis;

    ReportInbox(Set<String> hosts, InstantSource clock, int intervalMillis) {
        this.hosts = Set.copyOf(hosts);
        this.clock = clock;
        this.intervalMillis = intervalMillis;
    }

    /// The newest report per host.
    Map<String, HostReport> reports() {
        return Map.copyOf(newest);
    }

    @Override
    public StreamObserver<s3ml.wire.fleet.HostReport> report(StreamObserver<ReportReply> replies) {
        String host = PEER.get();
        if (host == null || !hosts.contains(host)) {
            replies.onError(Status.PERMISSION_DENIED
                    .withDescription("CTL-102: no host of this fleet")
                    .asRuntimeException());
            return new Ignore();
        }
        return new StreamObserver<>() {
            @Override
            public void onNext(s3ml.wire.fleet.HostReport report) {
                newest.put(host, read(host, report));
                replies.onNext(ReportReply.newBuilder()
                        .setSequence(report.getSequence())
                        .setIntervalMillis(intervalMillis)
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

    private static final class Ignore implements StreamObserver<s3ml.wire.fleet.HostReport> {
        @Override
        public void onNext(s3ml.wire.fleet.HostReport report) {
            // The call has ended with an error already.
        }

        @Override
        public void onError(Throwable broken) {
            // The call has ended with an error already.
        }

        @Override
        public void onCompleted() {
            // The call has ended with an error already.
        }
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

    /// Puts the common name of the peer's certificate into the context.
    static ServerInterceptor peerName() {
        return new ServerInterceptor() {
            @Override
            public <Q, R> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
                SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
                String name = session == null ? "" : commonName(session);
                return Contexts.interceptCall(Context.current().withValue(PEER, name), call, headers, next);
            }
        };
    }

    private static String commonName(SSLSession session) {
        try {
            Certificate[] chain = session.getPeerCertificates();
            if (chain.length > 0 && chain[0] instanceof X509Certificate certificate) {
                LdapName subject =
                        new LdapName(certificate.getSubjectX500Principal().getName());
                for (Rdn part : subject.getRdns()) {
                    if (part.getType().equalsIgnoreCase("CN")) {
                        return String.valueOf(part.getValue());
                    }
                }
            }
            return "";
        } catch (SSLPeerUnverifiedException | InvalidNameException nameless) {
            return "";
        }
    }
}
