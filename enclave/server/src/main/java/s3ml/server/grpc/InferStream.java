package s3ml.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import s3ml.server.engine.Answer;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.RequestRefused;
import s3ml.wire.inference.ModelStreamInferResponse;

/// One stream of requests: one at a time, so that answers come in order and the sender is held back by flow control.
final class InferStream implements StreamObserver<Arrival> {
    private final InferenceService service;
    private final ServerCallStreamObserver<ModelStreamInferResponse> call;
    private boolean running;
    private boolean finished;

    InferStream(InferenceService service, ServerCallStreamObserver<ModelStreamInferResponse> call) {
        this.service = service;
        this.call = call;
        call.disableAutoRequest();
        call.setOnCancelHandler(() -> {});
        call.request(1);
    }

    @Override
    public void onNext(Arrival arrival) {
        boolean raw = arrival.isRaw();
        String id = arrival.message().getId();
        synchronized (this) {
            running = true;
        }
        service.infer(arrival, new Answer() {
            @Override
            public void succeed(InferenceResult result) {
                answered(ModelStreamInferResponse.newBuilder()
                        .setInferResponse(InferMessages.response(result, raw))
                        .build());
            }

            @Override
            public void refuse(RequestRefused refused) {
                ModelStreamInferResponse.Builder response =
                        ModelStreamInferResponse.newBuilder().setErrorMessage(String.valueOf(refused.getMessage()));
                // The id alone tells a client which request failed.
                response.getInferResponseBuilder().setId(id);
                answered(response.build());
            }

            @Override
            public boolean abandoned() {
                return call.isCancelled();
            }
        });
    }

    private void answered(ModelStreamInferResponse response) {
        synchronized (this) {
            running = false;
            call.onNext(response);
            if (finished) {
                call.onCompleted();
                return;
            }
        }
        call.request(1);
    }

    @Override
    public synchronized void onCompleted() {
        finished = true;
        if (!running) {
            call.onCompleted();
        }
    }

    @Override
    public synchronized void onError(Throwable cancelled) {
        finished = true;
    }
}
