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
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Function;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import s3ml.attest.S3mlException;
import s3ml.protocol.Endpoint;
import s3ml.protocol.HpkeKeyConfig;
import s3ml.protocol.trace.TraceParent;

/// The Open Inference Protocol v2 over HTTP with the binary tensor extension: in TLS that ends in the enclave, or
/// sealed to the enclave's key on the way through proxies.
final class RestTransport implements InferenceTransport {
    private static final int OK = 200;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int UNAVAILABLE = 503;

    /// The replica does not hold the key that a request was sealed to.
    private static final String STALE_KEY = "PRO-151";

    private final String peer;
    private final URI base;
    private final InferenceOptions options;
    private final BodyForm form;
    private final HttpClient http;

    private RestTransport(URI root, SSLContext tls, InferenceOptions options, BodyForm form, Executor executor) {
        this.peer = root.toString();
        this.base = root.resolve((root.getPath().endsWith("/") ? root.getPath() : root.getPath() + "/") + "v2/");
        this.options = options;
        this.form = form;
        SSLParameters parameters = new SSLParameters();
        parameters.setProtocols(new String[] {"TLSv1.3"});
        this.http = HttpClient.newBuilder()
                .sslContext(tls)
                .sslParameters(parameters)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(executor)
                .build();
    }

    /// Straight to a replica of the service.
    static RestTransport direct(
            Endpoint endpoint, ServiceTrustManager trust, InferenceOptions options, Executor executor) {
        return new RestTransport(
                URI.create("https://" + endpoint),
                tls(trust, options.credentials()),
                options,
                new BodyForm.Plain(options.credentials().authorization()),
                executor);
    }

    /// Through a proxy that sees sealed bodies only.
    ///
    /// @param ingress `http` or `https`; what follows its host is put before the protocol's paths
    /// @param tls for the proxy's own certificate
    static RestTransport sealed(
            URI ingress, SSLContext tls, InferenceOptions options, HpkeKeyConfig key, Executor executor) {
        BodyForm form = new BodyForm.Sealed(key, options.credentials().authorization(), InstantSource.system());
        return new RestTransport(ingress, tls, options, form, executor);
    }

    private static SSLContext tls(ServiceTrustManager trust, Credentials credentials) {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            KeyManager[] keys = credentials.keyManager().stream().toArray(KeyManager[]::new);
            context.init(keys, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has TLS 1.3", e);
        }
    }

    @Override
    public CompletableFuture<InferenceResponse> infer(InferenceRequest request, Duration timeout) {
        String path = path(request.model(), request.version(), "/infer");
        BodyForm.Outgoing outgoing = form.outgoing("/v2/" + path, request.model(), RestCodec.encode(request, timeout));
        HttpRequest.Builder message =
                HttpRequest.newBuilder(base.resolve(path)).timeout(timeout).POST(new BufferPublisher(outgoing.parts()));
        outgoing.headers().forEach(message::header);
        request.trace().ifPresent(span -> message.header(TraceParent.HEADER, span.header()));
        return send(message.build(), timeout, outgoing::incoming)
                .thenApply(answer -> RestCodec.decode(peer, answer.body(), answer.headerBytes()));
    }

    @Override
    public CompletableFuture<ModelMetadata> metadata(String model, String version, Duration timeout) {
        String path = path(model, version, "");
        BodyForm.Outgoing question = form.question("/v2/" + path, model);
        HttpRequest.Builder message = HttpRequest.newBuilder(base.resolve(path)).timeout(timeout);
        question.headers().forEach(message::header);
        if (question.parts().isEmpty()) {
            message.GET();
        } else {
            message.POST(new BufferPublisher(question.parts()));
        }
        return send(message.build(), timeout, question::incoming)
                .thenApply(answer -> RestCodec.decodeMetadata(peer, answer.body()));
    }

    private static String path(String model, String version, String action) {
        String versions = version.isEmpty() ? "" : "/versions/" + segment(version);
        return "models/" + segment(model) + versions + action;
    }

    private static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private CompletableFuture<BodyForm.Answer> send(
            HttpRequest message, Duration timeout, Function<HttpResponse<ByteBuffer>, BodyForm.Answer> read) {
        CompletableFuture<HttpResponse<ByteBuffer>> sent =
                http.sendAsync(message, information -> BoundedBody.of(information, options.largestResponse()));
        CompletableFuture<BodyForm.Answer> future = new CompletableFuture<>() {
            @Override
            public boolean cancel(boolean mayInterruptIfRunning) {
                sent.cancel(true);
                return super.cancel(mayInterruptIfRunning);
            }
        };
        var unused = sent.whenComplete((response, failure) -> {
            if (failure != null) {
                future.completeExceptionally(failure(failure, timeout));
                return;
            }
            try {
                BodyForm.Answer answer = read.apply(response);
                if (response.statusCode() == OK) {
                    future.complete(answer);
                } else {
                    future.completeExceptionally(refusal(response.statusCode(), answer.body()));
                }
            } catch (S3mlException e) {
                future.completeExceptionally(TransportFault.notTheEnclave(peer, e));
            }
        });
        return future;
    }

    private RuntimeException failure(Throwable thrown, Duration timeout) {
        Throwable cause =
                thrown instanceof CompletionException && thrown.getCause() != null ? thrown.getCause() : thrown;
        return switch (cause) {
            case HttpTimeoutException e -> TransportFault.timeout(peer, timeout, e);
            case BoundedBody.TooLarge e -> TransportFault.protocol(peer, String.valueOf(e.getMessage()), e);
            case IOException e ->
                TransportFault.foreignCertificate(e)
                        ? TransportFault.notTheService(peer, e)
                        : TransportFault.connectionLost(peer, String.valueOf(e.getMessage()), e);
            default -> new CompletionException(cause);
        };
    }

    private RuntimeException refusal(int status, ByteBuffer body) {
        String words = "HTTP " + status + ": " + RestCodec.errorText(body);
        if (words.contains(STALE_KEY)) {
            return TransportFault.staleKey(peer, words);
        }
        return switch (status) {
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
