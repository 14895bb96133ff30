package s3ml.control;

import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.GovernorGrpc;

/// Lets one peer, by its certificate's name, say what the fleet is, and tells it what each tick decided. Thread-safe.
///
/// While no governor is connected the last fleet stays.
final class Governing extends GovernorGrpc.GovernorImplBase {
    private final Optional<String> governor;
    private final ControlLoop loop;
    private @Nullable ServerCallStreamObserver<Explanation> current;

    /// @param governor common name of who may govern; empty: nobody
    Governing(Optional<String> governor, ControlLoop loop) {
        this.governor = governor;
        this.loop = loop;
    }

    @Override
    public StreamObserver<FleetConfig> govern(StreamObserver<Explanation> decisions) {
        if (governor.isEmpty() || !governor.get().equals(PeerName.current())) {
            decisions.onError(Status.PERMISSION_DENIED
                    .withDescription("CTL-105: not the governor of this fleet")
                    .asRuntimeException());
            return new Unheard<>();
        }
        ServerCallStreamObserver<Explanation> own = (ServerCallStreamObserver<Explanation>) decisions;
        own.setOnCancelHandler(() -> end(own));
        replace(own);
        return new Fleets(own);
    }

    private final class Fleets implements StreamObserver<FleetConfig> {
        private final ServerCallStreamObserver<Explanation> own;

        private Fleets(ServerCallStreamObserver<Explanation> own) {
            this.own = own;
        }

        @Override
        public void onNext(FleetConfig fleet) {
            List<String> faults = ConfigFile.faults(fleet);
            synchronized (Governing.this) {
                if (!own.equals(current)) {
                    return;
                }
                if (faults.isEmpty()) {
                    loop.govern(fleet);
                    return;
                }
                current = null;
                own.onError(Status.INVALID_ARGUMENT
                        .withDescription("CTL-101: cannot use the fleet's configuration: " + String.join("; ", faults))
                        .asRuntimeException());
            }
        }

        @Override
        public void onError(Throwable broken) {
            end(own);
        }

        @Override
        public void onCompleted() {
            synchronized (Governing.this) {
                if (own.equals(current)) {
                    current = null;
                    own.onCompleted();
                }
            }
        }
    }

    private synchronized void replace(ServerCallStreamObserver<Explanation> next) {
        if (current != null) {
            current.onError(Status.ABORTED
                    .withDescription("CTL-106: a newer stream governs")
                    .asRuntimeException());
        }
        current = next;
    }

    private synchronized void end(ServerCallStreamObserver<Explanation> ended) {
        if (ended.equals(current)) {
            current = null;
        }
    }

    /// Tells the governor, if one is connected and keeps up.
    synchronized void tell(ControlLoop.Decided decided) {
        if (current != null && current.isReady()) {
            current.onNext(Explaining.decisions(decided));
        }
    }
}
