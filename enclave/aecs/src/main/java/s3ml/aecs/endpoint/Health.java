package s3ml.aecs.endpoint;

import io.grpc.BindableService;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.function.BooleanSupplier;

/// `grpc.health.v1` for balancers and probes: serving while the state is usable. Watching is not offered: a probe asks.
final class Health extends HealthGrpc.HealthImplBase {
    /// Of the whole AECS, and of what enclaves, clients and admins call.
    private static final Set<String> NAMES =
            Set.of("", "s3ml.aecs.v1.Trust", "s3ml.aecs.v1.KeyRelease", "s3ml.aecs.v1.Admin");

    private final BooleanSupplier ready;

    private Health(BooleanSupplier ready) {
        this.ready = ready;
    }

    static BindableService of(BooleanSupplier ready) {
        return new Health(ready);
    }

    @Override
    public void check(HealthCheckRequest request, StreamObserver<HealthCheckResponse> observer) {
        if (!NAMES.contains(request.getService())) {
            observer.onError(Status.NOT_FOUND.withDescription("unknown service").asRuntimeException());
            return;
        }
        observer.onNext(HealthCheckResponse.newBuilder()
                .setStatus(ready.getAsBoolean() ? ServingStatus.SERVING : ServingStatus.NOT_SERVING)
                .build());
        observer.onCompleted();
    }
}
