package s3ml.server.grpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import s3ml.protocol.access.Caller;
import s3ml.protocol.access.Right;
import s3ml.server.access.Gate;
import s3ml.server.engine.Answer;
import s3ml.server.engine.Fault;
import s3ml.server.engine.InferenceRequest;
import s3ml.server.engine.InferenceResult;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.RequestRefused;
import s3ml.server.engine.ServedModel;
import s3ml.server.repository.ModelState;
import s3ml.server.repository.Serving;
import s3ml.wire.inference.ModelConfigRequest;
import s3ml.wire.inference.ModelConfigResponse;
import s3ml.wire.inference.ModelInferResponse;
import s3ml.wire.inference.ModelMetadataRequest;
import s3ml.wire.inference.ModelMetadataResponse;
import s3ml.wire.inference.ModelReadyRequest;
import s3ml.wire.inference.ModelReadyResponse;
import s3ml.wire.inference.ModelStatisticsRequest;
import s3ml.wire.inference.ModelStatisticsResponse;
import s3ml.wire.inference.ModelStreamInferResponse;
import s3ml.wire.inference.RepositoryIndexRequest;
import s3ml.wire.inference.RepositoryIndexResponse;
import s3ml.wire.inference.RepositoryModelLoadRequest;
import s3ml.wire.inference.RepositoryModelLoadResponse;
import s3ml.wire.inference.RepositoryModelUnloadRequest;
import s3ml.wire.inference.RepositoryModelUnloadResponse;
import s3ml.wire.inference.ServerLiveRequest;
import s3ml.wire.inference.ServerLiveResponse;
import s3ml.wire.inference.ServerMetadataRequest;
import s3ml.wire.inference.ServerMetadataResponse;
import s3ml.wire.inference.ServerReadyRequest;
import s3ml.wire.inference.ServerReadyResponse;

/// Every call of the service; [InferMethods] says how requests for inference reach it. Does not block: answers that
/// take time come from other threads.
public final class InferenceService extends NotOffered {
    private final Serving serving;
    private final String version;

    /// @param version of this server, for its metadata
    public InferenceService(Serving serving, String version) {
        this.serving = serving;
        this.version = version;
    }

    @Override
    public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> reply) {
        answer(reply, () -> ServerLiveResponse.newBuilder().setLive(true).build());
    }

    @Override
    public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> reply) {
        answer(
                reply,
                () -> ServerReadyResponse.newBuilder()
                        .setReady(serving.isReady())
                        .build());
    }

    @Override
    public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> reply) {
        answer(reply, () -> {
            boolean ready;
            Gate.require(Authentication.who(), Right.INFER, request.getName());
            try {
                serving.repository().find(new ModelName(request.getName(), request.getVersion()));
                ready = true;
            } catch (RequestRefused refused) {
                ready = false;
            }
            return ModelReadyResponse.newBuilder().setReady(ready).build();
        });
    }

    @Override
    public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> reply) {
        answer(reply, () -> Descriptions.server(version));
    }

    @Override
    public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> reply) {
        answer(reply, () -> Descriptions.metadata(serving.repository(), find(request.getName(), request.getVersion())));
    }

    @Override
    public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> reply) {
        answer(reply, () -> Descriptions.config(find(request.getName(), request.getVersion())));
    }

    /// A model that the caller may use.
    private ServedModel find(String name, String modelVersion) {
        Gate.require(Authentication.who(), Right.INFER, name);
        return serving.repository().find(new ModelName(name, modelVersion));
    }

    @Override
    public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> reply) {
        answer(reply, () -> {
            if (request.getName().isEmpty()) {
                Caller who = Authentication.who();
                return Descriptions.statistics(serving.repository().ready().stream()
                        .filter(model ->
                                who.may(Right.INFER, model.spec().name().name()))
                        .toList());
            }
            return Descriptions.statistics(List.of(find(request.getName(), request.getVersion())));
        });
    }

    @Override
    public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> reply) {
        answer(reply, () -> {
            RepositoryIndexResponse.Builder index = RepositoryIndexResponse.newBuilder();
            Caller who = Authentication.who();
            for (String name :
                    serving.repository().names().stream().filter(who::sees).toList()) {
                for (Map.Entry<String, ModelState> version :
                        serving.repository().versions(name).entrySet()) {
                    if (!request.getReady() || version.getValue() instanceof ModelState.Ready) {
                        index.addModelsBuilder()
                                .setName(name)
                                .setVersion(version.getKey())
                                .setState(version.getValue().label())
                                .setReason(version.getValue().reason());
                    }
                }
            }
            return index.build();
        });
    }

    @Override
    public void repositoryModelLoad(
            RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> reply) {
        answerLater(
                reply,
                () -> {
                    Gate.require(Authentication.who(), Right.CONTROL, request.getModelName());
                    if (request.getParametersCount() > 0) {
                        throw new RequestRefused(
                                Fault.NOT_OFFERED, "a model is loaded as its owner packed it: no parameters are taken");
                    }
                    return serving.repository().load(request.getModelName());
                },
                RepositoryModelLoadResponse.getDefaultInstance());
    }

    @Override
    public void repositoryModelUnload(
            RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> reply) {
        answerLater(
                reply,
                () -> {
                    Gate.require(Authentication.who(), Right.CONTROL, request.getModelName());
                    return serving.repository().unload(request.getModelName());
                },
                RepositoryModelUnloadResponse.getDefaultInstance());
    }

    /// One request, one response.
    void infer(Arrival arrival, StreamObserver<ModelInferResponse> reply) {
        ServerCallStreamObserver<ModelInferResponse> call = (ServerCallStreamObserver<ModelInferResponse>) reply;
        // Asked for while the call begins: later the library refuses it, and cancellation would throw into our thread.
        call.setOnCancelHandler(() -> {});
        boolean raw = arrival.isRaw();
        infer(arrival, new Answer() {
            @Override
            public void succeed(InferenceResult result) {
                call.onNext(InferMessages.response(result, raw));
                call.onCompleted();
            }

            @Override
            public void refuse(RequestRefused refused) {
                call.onError(Refusals.of(refused));
            }

            @Override
            public boolean abandoned() {
                return call.isCancelled();
            }
        });
    }

    /// One stream of requests and responses.
    StreamObserver<Arrival> inferStream(StreamObserver<ModelStreamInferResponse> reply) {
        ServerCallStreamObserver<ModelStreamInferResponse> call =
                (ServerCallStreamObserver<ModelStreamInferResponse>) reply;
        return new InferStream(this, call);
    }

    /// Starts a request; the answer is called once.
    void infer(Arrival arrival, Answer answer) {
        InferenceRequest request;
        try {
            arrival.demandRead();
            Gate.require(Authentication.who(), Right.INFER, arrival.message().getModelName());
            request = InferMessages.request(arrival, Authentication.circumstances(), latest());
        } catch (RequestRefused refused) {
            answer.refuse(refused);
            return;
        }
        serving.infer(request, answer);
    }

    private static long latest() {
        return System.nanoTime() + CallTime.leftNanos();
    }

    private static <T> void answer(StreamObserver<T> reply, Supplier<T> message) {
        T answer;
        try {
            answer = message.get();
        } catch (RequestRefused refused) {
            reply.onError(Refusals.of(refused));
            return;
        }
        reply.onNext(answer);
        reply.onCompleted();
    }

    @SuppressWarnings("FutureReturnValueIgnored") // the stage answers the caller itself
    private static <T> void answerLater(StreamObserver<T> reply, Supplier<CompletableFuture<Void>> work, T message) {
        CompletableFuture<Void> begun;
        try {
            begun = work.get();
        } catch (RequestRefused refused) {
            reply.onError(Refusals.of(refused));
            return;
        }
        begun.whenComplete((done, failure) -> {
            if (failure == null) {
                reply.onNext(message);
                reply.onCompleted();
                return;
            }
            Throwable cause = failure instanceof CompletionException wrapped ? wrapped.getCause() : failure;
            reply.onError(Refusals.of(
                    cause instanceof RequestRefused refused
                            ? refused
                            : new RequestRefused(Fault.INTERNAL, "the repository failed")));
        });
    }
}
