package s3ml.client;

import com.google.common.util.concurrent.ListenableFuture;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import s3ml.protocol.Endpoint;
import s3ml.protocol.receipt.InferenceReceipt;
import s3ml.protocol.trace.CallTrace;
import s3ml.protocol.trace.TraceParent;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.GRPCInferenceServiceGrpc.GRPCInferenceServiceFutureStub;
import s3ml.wire.inference.InferParameter;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;
import s3ml.wire.inference.ModelMetadataRequest;
import s3ml.wire.inference.ModelMetadataResponse;

/// The Open Inference Protocol v2 over gRPC, tensors in `raw_input_contents`, which point to the caller's memory.
final class GrpcTransport implements InferenceTransport {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final String peer;
    private final Executor executor;
    private final ManagedChannel channel;
    private final String authorization;

    /// @param network threads of the caller, who closes them
    /// @param executor runs what follows an answer
    GrpcTransport(
            Endpoint endpoint,
            ServiceTrustManager trust,
            InferenceOptions options,
            EventLoopGroup network,
            Executor executor) {
        this.peer = "grpc://" + endpoint;
        this.executor = executor;
        this.authorization = options.credentials().authorization();
        this.channel = NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .sslContext(tls(trust, options.credentials()))
                .channelType(NioSocketChannel.class)
                .eventLoopGroup(network)
                .executor(executor)
                .maxInboundMessageSize(options.largestResponse())
                .build();
    }

    private static SslContext tls(ServiceTrustManager trust, Credentials credentials) {
        try {
            SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.OPENSSL)
                    .trustManager(trust)
                    .protocols("TLSv1.3");
            credentials.keyManager().ifPresent(builder::keyManager);
            SslContext context = builder.build();
            // A ticket of one replica resumes on any other, since they share the ticket keys.
            if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
                sessions.setSessionCacheEnabled(true);
            }
            return context;
        } catch (SSLException e) {
            throw new IllegalStateException("BoringSSL refused TLS 1.3", e);
        }
    }

    @Override
    public CompletableFuture<InferenceResponse> infer(InferenceRequest request, Duration timeout) {
        ModelInferRequest message = message(request);
        return call(stub -> stub.modelInfer(message), request.trace(), timeout).thenApply(this::read);
    }

    @Override
    public CompletableFuture<ModelMetadata> metadata(String model, String version, Duration timeout) {
        ModelMetadataRequest message = ModelMetadataRequest.newBuilder()
                .setName(model)
                .setVersion(version)
                .build();
        return call(stub -> stub.modelMetadata(message), Optional.empty(), timeout)
                .thenApply(GrpcTransport::read);
    }

    private <T> CompletableFuture<T> call(
            Function<GRPCInferenceServiceFutureStub, ListenableFuture<T>> call,
            Optional<TraceParent> trace,
            Duration timeout) {
        ListenableFuture<T> answer = call.apply(GRPCInferenceServiceGrpc.newFutureStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers(trace)))
                .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS));
        CompletableFuture<T> future = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                answer.cancel(true);
                return super.cancel(mayInterruptIfRunning);
            }
        };
        answer.addListener(() -> complete(future, answer, timeout), executor);
        return future;
    }

    private Metadata headers(Optional<TraceParent> trace) {
        Metadata headers = new Metadata();
        if (!authorization.isEmpty()) {
            headers.put(AUTHORIZATION, authorization);
        }
        trace.ifPresent(span -> headers.put(CallTrace.METADATA, span.header()));
        return headers;
    }

    private <T> void complete(CompletableFuture<T> future, ListenableFuture<T> answer, Duration timeout) {
        try {
            future.complete(answer.get());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            future.cancel(false);
        } catch (java.util.concurrent.CancellationException ignored) {
            future.cancel(false);
        } catch (ExecutionException e) {
            future.completeExceptionally(
                    e.getCause() instanceof StatusRuntimeException status ? GrpcFault.of(peer, status, timeout) : e);
        }
    }

    private static ModelInferRequest message(InferenceRequest request) {
        ModelInferRequest.Builder message = ModelInferRequest.newBuilder()
                .setModelName(request.model())
                .setModelVersion(request.version())
                .setId(request.id());
        request.receiptSalt()
                .ifPresent(salt -> message.putParameters(
                        InferenceReceipt.SALT_PARAMETER,
                        InferParameter.newBuilder().setStringParam(salt.hex()).build()));
        for (Tensor tensor : request.inputs()) {
            message.addInputs(ModelInferRequest.InferInputTensor.newBuilder()
                    .setName(tensor.name())
                    .setDatatype(tensor.datatype().name())
                    .addAllShape(tensor.shape()));
            message.addRawInputContents(UnsafeByteOperations.unsafeWrap(tensor.data()));
        }
        for (String output : request.outputs()) {
            message.addOutputs(
                    ModelInferRequest.InferRequestedOutputTensor.newBuilder().setName(output));
        }
        return message.build();
    }

    private InferenceResponse read(ModelInferResponse response) {
        if (response.getOutputsCount() != response.getRawOutputContentsCount()) {
            throw TransportFault.protocol(
                    peer,
                    response.getOutputsCount() + " outputs with " + response.getRawOutputContentsCount()
                            + " raw contents",
                    null);
        }
        List<Tensor> outputs = new ArrayList<>();
        for (int i = 0; i < response.getOutputsCount(); i++) {
            ModelInferResponse.InferOutputTensor output = response.getOutputs(i);
            ByteString data = response.getRawOutputContents(i);
            try {
                outputs.add(Tensor.of(
                        output.getName(),
                        Datatype.named(output.getDatatype()),
                        output.getShapeList(),
                        data.asReadOnlyByteBuffer()));
            } catch (IllegalArgumentException | ArithmeticException e) {
                throw TransportFault.protocol(peer, String.valueOf(e.getMessage()), e);
            }
        }
        String receipt = response.getParametersOrDefault(
                        InferenceReceipt.RECEIPT_PARAMETER, InferParameter.getDefaultInstance())
                .getStringParam();
        return new InferenceResponse(
                response.getModelName(), response.getModelVersion(), response.getId(), outputs, receipt);
    }

    private static ModelMetadata read(ModelMetadataResponse response) {
        return new ModelMetadata(
                response.getName(),
                response.getVersionsList(),
                response.getPlatform(),
                tensors(response.getInputsList()),
                tensors(response.getOutputsList()));
    }

    private static List<ModelMetadata.TensorInfo> tensors(List<ModelMetadataResponse.TensorMetadata> tensors) {
        return tensors.stream()
                .map(tensor -> new ModelMetadata.TensorInfo(
                        tensor.getName(), Datatype.named(tensor.getDatatype()), tensor.getShapeList()))
                .toList();
    }

    @Override
    public void connectionLost() {
        channel.resetConnectBackoff();
    }

    @Override
    public void close() {
        channel.shutdownNow();
    }
}
