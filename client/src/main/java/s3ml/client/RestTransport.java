package s3ml.client;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import s3ml.protocol.Endpoint;

/// The Open Inference Protocol v2 over HTTPS with the binary tensor extension.
final class RestTransport implements InferenceTransport {
    private static final String HEADER_LENGTH = "Inference-Header-Content-Length";
    private static final int OK = 200;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    private final String peer;
    private final URI base;
    private final int largestResponse;
    private final HttpClient http;

    RestTransport(Endpoint endpoint, ServiceTrustManager trust, int largestResponse, Executor executor) {
        this.peer = "https://" + endpoint;
        this.base = URI.create(peer + "/v2/");
        this.largestResponse = largestResponse;
        SSLParameters tls = new SSLParameters();
        tls.setProtocols(new String[] {"TLSv1.3"});
        this.http = HttpClient.newBuilder()
                .sslContext(tls(trust))
                .sslParameters(tls)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor)
                .build();
    }

    private static SSLContext tls(ServiceTrustManager trust) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS 1.3", e);
        }
    }

    @Override
    public CompletableFuture<InferenceResponse> infer(InferenceRequest request, Duration timeout) {
        RestCodec.Body body = RestCodec.encode(request, timeout);
        HttpRequest message = HttpRequest.newBuilder(path(request.model(), request.version(), "/infer"))
                .timeout(timeout)
                .header("Content-Type", "application/octet-stream")
                .header(HEADER_LENGTH, Integer.toString(body.headerBytes()))
                .POST(new BufferPublisher(body.parts()))
                .build();
        return send(message, timeout).thenApply(response -> {
            int headerBytes = response.headers()
                    .firstValue(HEADER_LENGTH)
                    .map(RestTransport::number)
                    .orElse(response.body().remaining());
            return RestCodec.decode(peer, response.body(), headerBytes);
        });
    }

    @Override
    public CompletableFuture<ModelMetadata> metadata(String model, String version, Duration timeout) {
        HttpRequest message = HttpRequest.newBuilder(path(model, version, ""))
                .timeout(timeout)
                .GET()
                .build();
        return send(message, timeout).thenApply(response -> RestCodec.decodeMetadata(peer, response.body()));
    }

    private URI path(String model, String version, String action) {
        String versions = version.isEmpty() ? "" : "/versions/" + segment(version);
        return base.resolve("models/" + segment(model) + versions + action);
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException ignored) {
            return -1;
        }
    }

    private CompletableFuture<HttpResponse<ByteBuffer>> send(HttpRequest message, Duration timeout) {
        CompletableFuture<HttpResponse<ByteBuffer>> sent =
                http.sendAsync(message, information -> BoundedBody.of(information, largestResponse));
        CompletableFuture<HttpResponse<ByteBuffer>> future = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                sent.cancel(true);
                return super.cancel(mayInterruptIfRunning);
            }
        };
        var unused = sent.whenComplete((response, failure) -> {
            if (failure != null) {
                future.completeExceptionally(failure(failure, timeout));
            } else if (response.statusCode() != OK) {
                future.completeExceptionally(refusal(response));
            } else {
                future.complete(response);
            }
        });
        return future;
    }

    private RuntimeException failure(Throwable thrown, Duration timeout) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return switch (cause) {
            case HttpTimeoutException e -> TransportFault.timeout(peer, timeout, e);
            case SSLHandshakeException e -> TransportFault.notTheService(peer, e);
            case BoundedBody.TooLarge e -> TransportFault.protocol(peer, String.valueOf(e.getMessage()), e);
            case IOException e -> TransportFault.connectionLost(peer, String.valueOf(e.getMessage()), e);
            default -> new CompletionException(cause);
        };
    }

    private RuntimeException refusal(HttpResponse<ByteBuffer> response) {
        String words = "HTTP " + response.statusCode() + ": " + RestCodec.errorText(response.body());
        return switch (response.statusCode()) {
            case TOO_MANY_REQUESTS -> TransportFault.overloaded(peer, words, null);
            case UNAVAILABLE -> TransportFault.connectionLost(peer, words, null);
            default -> TransportFault.refused(peer, words, null);
        };
    }

    @Override
    public void connectionLost() {
        // The HTTP client drops a broken connection by itself and dials another one.
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
