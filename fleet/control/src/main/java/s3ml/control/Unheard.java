package s3ml.control;

import io.grpc.stub.StreamObserver;

/// What a peer still says after its call has ended with an error.
final class Unheard<T> implements StreamObserver<T> {
    @Override
    public void onNext(T message) {
        // The call has ended.
    }

    @Override
    public void onError(Throwable broken) {
        // The call has ended.
    }

    @Override
    public void onCompleted() {
        // The call has ended.
    }
}
