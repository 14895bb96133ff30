package s3ml.client;

import com.google.protobuf.ByteString;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyConfig;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.Lease;
import s3ml.protocol.SealedBody;
import s3ml.protocol.trace.CallTrace;
import s3ml.protocol.trace.TraceParent;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;
import s3ml.wire.inference.ModelInferResponse;
import s3ml.wire.inference.ModelMetadataRequest;
import s3ml.wire.inference.ModelMetadataResponse;

/// A replica whose one model answers its first input: real TLS and real protocols around no inference at all.
final class EchoReplica implements AutoCloseable {
    private final Server grpc;
    private final HttpsServer rest;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    final AtomicInteger served = new AtomicInteger();
    volatile Behaviour behaviour = Behaviour.ANSWER;
    /// What the requests said of their trace, in order.
    final Queue<String> traces = new ConcurrentLinkedQueue<>();
    private final Lease.HpkeServiceKey sealingKey;
    private final HttpServer proxied;

    enum Behaviour {
        ANSWER,
        HANG,
        REFUSE,
        OVERLOADED,
        UNAVAILABLE
    }

    EchoReplica(KeyManagerFactory keys) {
        HpkeKeyPair pair = Hpke.generate();
        sealingKey = new Lease.HpkeServiceKey(new HpkeKeyConfig(9, pair.publicKey()), pair.privateKey());
        try {
            InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
            grpc = NettyServerBuilder.forAddress(any)
                    .sslContext(GrpcSslContexts.configure(SslContextBuilder.forServer(keys), SslProvider.OPENSSL)
                            .protocols("TLSv1.3")
                            .build())
                    .maxInboundMessageSize(64 << 20)
                    .executor(executor)
                    .intercept(new TraceListener())
                    .addService(new Echo())
                    .build()
                    .start();
            SSLContext tls = SSLContext.getInstance("TLSv1.3");
            tls.init(keys.getKeyManagers(), null, null);
            rest = HttpsServer.create(any, 0);
            rest.setHttpsConfigurator(new HttpsConfigurator(tls));
            rest.setExecutor(executor);
            rest.createContext("/v2/models/echo", this::rest);
            rest.start();
            proxied = HttpServer.create(any, 0);
            proxied.setExecutor(executor);
            proxied.createContext("/v2/models/echo", this::sealed);
            proxied.start();
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    Endpoint grpcEndpoint() {
        return new Endpoint("127.0.0.1", grpc.getPort());
    }

    Endpoint restEndpoint() {
        return new Endpoint("127.0.0.1", rest.getAddress().getPort());
    }

    /// Where sealed bodies arrive after a proxy has ended TLS.
    URI ingress() {
        return URI.create("http://127.0.0.1:" + proxied.getAddress().getPort());
    }

    HpkeKeyConfig sealingKey() {
        return sealingKey.config();
    }

    private void sealed(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            hear(exchange.getRequestHeaders().getFirst(TraceParent.HEADER));
            if (behaviour == Behaviour.REFUSE) {
                answer(exchange, 400, "{\"error\":\"the sealed body does not open (PRO-151)\"}");
                return;
            }
            if (behaviour == Behaviour.OVERLOADED) {
                // A proxy that answers in place of the enclave.
                answer(exchange, 200, "{\"model_name\":\"echo\",\"outputs\":[]}");
                return;
            }
            String path = exchange.getRequestURI().getRawPath();
            SealedBody.Target target = new SealedBody.Target(exchange.getRequestMethod(), path, "echo");
            try (SealedBody.OpenedRequest opened =
                    SealedBody.open(List.of(sealingKey), target, ByteString.copyFrom(body))) {
                served.incrementAndGet();
                SealedBody.Content content = opened.content();
                Echoed echoed = echo(content.body().toByteArray(), content.headerBytes());
                ByteString reply = opened.seal(
                        200,
                        new SealedBody.Content(echoed.headerBytes(), ByteString.copyFrom(echoed.body())),
                        new SecureRandom());
                exchange.getResponseHeaders().add("Content-Type", SealedBody.MEDIA_TYPE);
                exchange.sendResponseHeaders(200, reply.size());
                exchange.getResponseBody().write(reply.toByteArray());
            }
        }
    }

    private void hear(@Nullable String trace) {
        if (trace != null) {
            traces.add(trace);
        }
    }

    private final class TraceListener implements ServerInterceptor {
        @Override
        public <A, B> ServerCall.Listener<A> interceptCall(
                ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
            hear(headers.get(CallTrace.METADATA));
            return next.startCall(call, headers);
        }
    }

    private static void hang() {
        try {
            Thread.sleep(60_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private final class Echo extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
        @Override
        public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> observer) {
            served.incrementAndGet();
            Status status = switch (behaviour) {
                case ANSWER -> Status.OK;
                case HANG -> {
                    hang();
                    yield Status.CANCELLED;
                }
                case REFUSE -> Status.INVALID_ARGUMENT.withDescription("SRV-104: wrong shape");
                case OVERLOADED -> Status.RESOURCE_EXHAUSTED.withDescription("SRV-120: queue full");
                case UNAVAILABLE -> Status.UNAVAILABLE.withDescription("draining");
            };
            if (!status.isOk()) {
                observer.onError(status.asRuntimeException());
                return;
            }
            ModelInferRequest.InferInputTensor input = request.getInputs(0);
            observer.onNext(ModelInferResponse.newBuilder()
                    .setModelName(request.getModelName())
                    .setModelVersion("1")
                    .setId(request.getId())
                    .addOutputs(ModelInferResponse.InferOutputTensor.newBuilder()
                            .setName("out")
                            .setDatatype(input.getDatatype())
                            .addAllShape(input.getShapeList()))
                    .addRawOutputContents(request.getRawInputContents(0))
                    .build());
            observer.onCompleted();
        }

        @Override
        public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
            observer.onNext(ModelMetadataResponse.newBuilder()
                    .setName(request.getName())
                    .addVersions("1")
                    .setPlatform("tensorflow_lite")
                    .addInputs(ModelMetadataResponse.TensorMetadata.newBuilder()
                            .setName("in")
                            .setDatatype("FP32")
                            .addShape(-1))
                    .build());
            observer.onCompleted();
        }
    }

    private void rest(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            hear(exchange.getRequestHeaders().getFirst(TraceParent.HEADER));
            if (exchange.getRequestMethod().equals("GET")) {
                answer(exchange, 200, """
                        {"name":"echo","versions":["1"],"platform":"tensorflow_lite",
                         "inputs":[{"name":"in","datatype":"FP32","shape":[-1]}],"outputs":[]}""");
                return;
            }
            served.incrementAndGet();
            switch (behaviour) {
                case ANSWER -> echo(exchange, body);
                case HANG -> hang();
                case REFUSE -> answer(exchange, 400, "{\"error\":\"SRV-104: wrong shape\"}");
                case OVERLOADED -> answer(exchange, 429, "{\"error\":\"SRV-120: queue full\"}");
                case UNAVAILABLE -> answer(exchange, 503, "{\"error\":\"draining\"}");
            }
        }
    }

    private static void echo(HttpExchange exchange, byte[] body) throws IOException {
        int headerBytes = Integer.parseInt(exchange.getRequestHeaders().getFirst("Inference-Header-Content-Length"));
        Echoed echoed = echo(body, headerBytes);
        exchange.getResponseHeaders().add("Inference-Header-Content-Length", Integer.toString(echoed.headerBytes()));
        exchange.sendResponseHeaders(200, echoed.body().length);
        exchange.getResponseBody().write(echoed.body());
    }

    @SuppressWarnings("ArrayRecordComponent")
    private record Echoed(int headerBytes, byte[] body) {}

    private static Echoed echo(byte[] body, int headerBytes) {
        JsonObject request = Json.parseObject(Arrays.copyOf(body, headerBytes));
        JsonObject input = request.array("inputs").objects().getFirst();
        byte[] data = Arrays.copyOfRange(body, headerBytes, body.length);
        JsonObject output = JsonObject.builder()
                .put("name", "out")
                .put("datatype", new JsonString(input.string("datatype")))
                .put("shape", input.array("shape"))
                .put(
                        "parameters",
                        JsonObject.builder()
                                .put("binary_data_size", JsonNumber.of(data.length))
                                .build())
                .build();
        byte[] header = Json.write(JsonObject.builder()
                        .put("model_name", "echo")
                        .put("model_version", "1")
                        .put("id", request.optionalString("id").orElse(""))
                        .put("outputs", new JsonArray(List.of(output)))
                        .build())
                .getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.writeBytes(header);
        whole.writeBytes(data);
        return new Echoed(header.length, whole.toByteArray());
    }

    private static void answer(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    @Override
    public void close() {
        grpc.shutdownNow();
        rest.stop(0);
        proxied.stop(0);
        executor.shutdownNow();
    }
}
