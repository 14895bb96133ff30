package s3ml.agent;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import s3ml.policy.FleetException;
import s3ml.policy.ReplicaReport;
import s3ml.wire.fleet.FleetGrpc;
import s3ml.wire.fleet.HostReport;
import s3ml.wire.fleet.PagingRates;
import s3ml.wire.fleet.ReportReply;
import s3ml.wire.fleet.Scrape;

/// Sends samples to the control plane over one stream, which it opens again when it breaks. Thread-safe.
///
/// Back-pressure: a report goes out only when the transport is ready and the last one was answered; one that could not
/// go is replaced by the next, so that nothing piles up and the newest is always the one sent.
final class ReportStream implements AutoCloseable {
    private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);
    private static final long UNANSWERED_NANOS = 10_000_000_000L;

    private final ManagedChannel channel;
    private final String host;
    private List<Scrape> scrapes = List.of();
    private @Nullable ClientCallStreamObserver<HostReport> stream;
    private boolean waiting;
    private long sentAtNanos;
    private long sequence;
    private long answered;
    private Duration interval;

    private ReportStream(ManagedChannel channel, String host, Duration interval) {
        this.channel = channel;
        this.host = host;
        this.interval = interval;
    }

    /// @param interval until the control plane asks for another
    static ReportStream connect(AgentConfig.ControlAddress address, Duration interval) {
        try {
            ChannelCredentials credentials = TlsChannelCredentials.newBuilder()
                    .keyManager(address.certificate().toFile(), address.key().toFile())
                    .trustManager(address.ca().toFile())
                    .build();
            return new ReportStream(
                    Grpc.newChannelBuilder(address.target(), credentials)
                            .keepAliveTime(10, TimeUnit.SECONDS)
                            .keepAliveTimeout(5, TimeUnit.SECONDS)
                            .build(),
                    address.host(),
                    interval);
        } catch (IOException | RuntimeException unusable) {
            throw new FleetException(
                    "AGT-101",
                    "cannot use the agent's TLS files",
                    String.valueOf(unusable.getMessage()),
                    "give PEM files that can be read: --ca, --certificate, --key (PKCS#8)",
                    unusable);
        }
    }

    /// Sends the sample, or drops it when the stream is not ready for one.
    ///
    /// @return whether it was sent
    synchronized boolean offer(HostSampler.Sample sample, long nowNanos) {
        ClientCallStreamObserver<HostReport> current = stream;
        if (current != null && waiting && nowNanos - sentAtNanos > UNANSWERED_NANOS) {
            current.cancel("no answer to a report", null);
            current = null;
            stream = null;
        }
        if (current == null) {
            open();
            return false;
        }
        if (waiting || !current.isReady()) {
            return false;
        }
        waiting = true;
        sentAtNanos = nowNanos;
        current.onNext(message(sample, ++sequence).toBuilder().setHost(host).build());
        return true;
    }

    private void open() {
        sequence = 0;
        waiting = false;
        FleetGrpc.newStub(channel).withWaitForReady().report(new Replies());
    }

    private final class Replies implements ClientResponseObserver<HostReport, ReportReply> {
        private @Nullable ClientCallStreamObserver<HostReport> own;

        @Override
        public void beforeStart(ClientCallStreamObserver<HostReport> requests) {
            own = requests;
            synchronized (ReportStream.this) {
                stream = requests;
            }
        }

        @Override
        public void onNext(ReportReply reply) {
            synchronized (ReportStream.this) {
                waiting = false;
                answered++;
                scrapes = List.copyOf(reply.getScrapesList());
                Duration wanted = Duration.ofMillis(Math.max(100, reply.getIntervalMillis()));
                interval = wanted.compareTo(LONGEST_INTERVAL) > 0 ? LONGEST_INTERVAL : wanted;
            }
        }

        @Override
        public void onError(Throwable broken) {
            ended();
        }

        @Override
        public void onCompleted() {
            ended();
        }

        private void ended() {
            synchronized (ReportStream.this) {
                if (own != null && own.equals(stream)) {
                    stream = null;
                }
            }
        }
    }

    static HostReport message(HostSampler.Sample sample, long sequence) {
        HostReport.Builder report = HostReport.newBuilder()
                .setSequence(sequence)
                .setSource(sample.source())
                .setCpuBusy(sample.cpuBusy())
                .setProcessors(Runtime.getRuntime().availableProcessors());
        sample.paging().ifPresent(rates -> {
            if (rates.totalPages() > 0) {
                report.setPaging(PagingRates.newBuilder()
                        .setLoadedPerSecond(rates.loadedPerSecond())
                        .setEvictedPerSecond(rates.evictedPerSecond())
                        .setFreePages(rates.freePages())
                        .setTotalPages(rates.totalPages()));
            }
        });
        for (ReplicaReport replica : sample.replicas()) {
            report.addReplicas(s3ml.wire.fleet.ReplicaReport.newBuilder()
                    .setReplica(replica.replica())
                    .setModel(replica.model())
                    .setArrivalsPerSecond(replica.arrivalsPerSecond())
                    .setOutstanding(replica.outstanding())
                    .setLatencyP99Nanos(replica.latencyP99().toNanos()));
        }
        return report.build();
    }

    /// How long to wait before the next sample.
    synchronized Duration interval() {
        return interval;
    }

    /// Model servers that the control plane named last.
    synchronized List<Scrape> scrapes() {
        return scrapes;
    }

    /// Reports the control plane has answered since the agent began.
    synchronized long answered() {
        return answered;
    }

    @Override
    public void close() {
        channel.shutdown();
        try {
            if (!channel.awaitTermination(2, TimeUnit.SECONDS)) {
                channel.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            channel.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
