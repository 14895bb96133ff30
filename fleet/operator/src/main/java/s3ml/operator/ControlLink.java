package s3ml.operator;

import io.grpc.ChannelCredentials;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.IOException;
import java.lang.System.Logger;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import s3ml.policy.FleetException;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.GovernorGrpc;

/// The stream by which the operator governs the control plane: the fleet goes out whenever it has changed, decisions
/// come back. It is opened again when it breaks.
final class ControlLink implements AutoCloseable {
    private static final Logger LOG = System.getLogger(ControlLink.class.getName());
    private static final long LOOK_MILLIS = 500;
    private static final long AGAIN_NANOS = Duration.ofSeconds(2).toNanos();
    private static final long SILENCE_NANOS = Duration.ofSeconds(15).toNanos();

    /// A decision about 10,000 replicas takes a tenth of it.
    private static final int LARGEST_DECISION = 32 << 20;

    private final ManagedChannel channel;
    private final Supplier<FleetConfig> fleet;
    private final Consumer<Explanation> decisions;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("control-link").daemon().factory());
    private @Nullable Decisions stream;
    private @Nullable FleetConfig sent;
    private long openedNanos = System.nanoTime() - AGAIN_NANOS;

    /// Where the control plane is, and the operator's own certificate.
    ///
    /// @param target HOST:PORT
    /// @param ca PEM of the authority of its certificate
    /// @param certificate PEM chain; its common name is the governor's
    /// @param key PEM, PKCS#8
    record Address(String target, Path ca, Path certificate, Path key) {}

    private ControlLink(ManagedChannel channel, Supplier<FleetConfig> fleet, Consumer<Explanation> decisions) {
        this.channel = channel;
        this.fleet = fleet;
        this.decisions = decisions;
    }

    /// Governs from now on.
    ///
    /// @param fleet as it is now; asked often
    /// @param decisions told each one
    static ControlLink open(Address address, Supplier<FleetConfig> fleet, Consumer<Explanation> decisions) {
        try {
            ChannelCredentials credentials = TlsChannelCredentials.newBuilder()
                    .keyManager(address.certificate().toFile(), address.key().toFile())
                    .trustManager(address.ca().toFile())
                    .build();
            ManagedChannel channel = Grpc.newChannelBuilder(address.target(), credentials)
                    .maxInboundMessageSize(LARGEST_DECISION)
                    .keepAliveTime(10, TimeUnit.SECONDS)
                    .keepAliveTimeout(5, TimeUnit.SECONDS)
                    .build();
            ControlLink link = new ControlLink(channel, fleet, decisions);
            ScheduledFuture<?> unused =
                    link.looks.scheduleWithFixedDelay(link::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
            return link;
        } catch (IOException | RuntimeException unusable) {
            throw new FleetException(
                    "OPR-101",
                    "cannot use the operator's TLS files for the control plane",
                    String.valueOf(unusable.getMessage()),
                    "give PEM files that can be read: --control-ca, --control-certificate, --control-key (PKCS#8)",
                    unusable);
        }
    }

    private void look() {
        try {
            govern();
        } catch (RuntimeException failed) {
            // An exception would end the schedule; the next look tries again.
            LOG.log(Logger.Level.WARNING, "the fleet was not sent: {0}", failed);
        }
    }

    private synchronized void govern() {
        long now = System.nanoTime();
        Decisions current = stream;
        if (current != null && now - current.heardNanos > SILENCE_NANOS) {
            current.cancel();
            stream = null;
            current = null;
        }
        if (current == null) {
            if (now - openedNanos > AGAIN_NANOS) {
                openedNanos = now;
                sent = null;
                stream = new Decisions();
                GovernorGrpc.newStub(channel).govern(stream);
            }
            return;
        }
        FleetConfig seen = fleet.get();
        if (!seen.equals(sent) && current.send(seen)) {
            sent = seen;
        }
    }

    private synchronized void ended(Decisions which) {
        if (which.equals(stream)) {
            stream = null;
        }
    }

    private final class Decisions implements ClientResponseObserver<FleetConfig, Explanation> {
        private @Nullable ClientCallStreamObserver<FleetConfig> requests;
        private volatile long heardNanos = System.nanoTime();

        @Override
        public void beforeStart(ClientCallStreamObserver<FleetConfig> own) {
            requests = own;
        }

        private boolean send(FleetConfig config) {
            if (requests == null || !requests.isReady()) {
                return false;
            }
            requests.onNext(config);
            return true;
        }

        private void cancel() {
            if (requests != null) {
                requests.cancel("the control plane has been silent", null);
            }
        }

        @Override
        public void onNext(Explanation decision) {
            heardNanos = System.nanoTime();
            decisions.accept(decision);
        }

        @Override
        public void onError(Throwable broken) {
            Status status = Status.fromThrowable(broken);
            LOG.log(
                    status.getCode() == Status.Code.UNAVAILABLE ? Logger.Level.INFO : Logger.Level.WARNING,
                    "no decisions from the control plane, what was decided stays: {0}",
                    status);
            ended(this);
        }

        @Override
        public void onCompleted() {
            ended(this);
        }
    }

    @Override
    public void close() {
        looks.shutdownNow();
        channel.shutdownNow();
    }
}
