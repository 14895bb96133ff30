package s3ml.client;

import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import s3ml.attest.S3mlException;
import s3ml.protocol.Endpoint;
import s3ml.protocol.HpkeKeyConfig;
import s3ml.protocol.ServiceTrust;

/// Talks to the replicas of one attested service about one model.
///
/// Making a client checks the [ModelExpectation] first, so a service that is not the expected one is sent nothing.
/// Calls go round over several connections, those that were just lost last; a call whose connection is lost is repeated
/// on another one within a budget of a fifth of all calls, so a replica that dies behind a shared port costs its
/// clients no error. Safe for use by several threads. Closing it fails the calls that are under way.
///
/// Codes: `CLI-112` a request for another model than the expected one, and those of [TransportFault].
public final class InferenceClient implements AutoCloseable {
    private static final double REPEATED_SHARE = 0.2;
    private static final double REPEATED_AT_ONCE = 50;

    private final ModelExpectation expectation;
    private final InferenceOptions options;
    private ReceiptCheck receipts = ReceiptCheck.NOBODY;
    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final EventLoopGroup network = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final RetryBudget budget = new RetryBudget(REPEATED_SHARE, REPEATED_AT_ONCE);
    private Turns turns = new Turns(List.of(), System::nanoTime);

    private InferenceClient(ModelExpectation expectation, InferenceOptions options) {
        this.expectation = expectation;
        this.options = options;
    }

    /// A client that speaks gRPC.
    ///
    /// @param endpoints of replicas, or of a balancer before them; at least one
    /// @throws S3mlException `CLI-110` or `CLI-111` if the service is not the expected one
    public static InferenceClient grpc(
            ServiceTrust trust, ModelExpectation expectation, List<Endpoint> endpoints, InferenceOptions options) {
        expectation.check(trust);
        return grpc(trustManager(trust), expectation, endpoints, options).witnessed(trust);
    }

    /// A client that speaks REST.
    ///
    /// @param endpoints of replicas, or of a balancer before them; at least one
    /// @throws S3mlException `CLI-110` or `CLI-111` if the service is not the expected one
    public static InferenceClient rest(
            ServiceTrust trust, ModelExpectation expectation, List<Endpoint> endpoints, InferenceOptions options) {
        expectation.check(trust);
        return rest(trustManager(trust), expectation, endpoints, options).witnessed(trust);
    }

    /// A client that speaks REST through proxies that end TLS, with bodies sealed to the enclaves' key ([SealedBody]).
    ///
    /// @param ingresses addresses of proxies, `http` or `https`; at least one
    /// @param tls decides about the proxies' own certificates
    /// @throws S3mlException `CLI-110` or `CLI-111` if the service is not the expected one, `CLI-113` if it has no key
    /// for sealed bodies
    public static InferenceClient sealed(
            ServiceTrust trust,
            ModelExpectation expectation,
            List<URI> ingresses,
            SSLContext tls,
            InferenceOptions options) {
        expectation.check(trust);
        if (trust.hpkeKeys().isEmpty()) {
            throw new S3mlException(
                    "CLI-113",
                    "sent nothing to service \"" + trust.service() + "\"",
                    "it has no key for sealed bodies",
                    "connect to a replica directly");
        }
        return sealed(trust.hpkeKeys().getFirst(), expectation, ingresses, tls, options)
                .witnessed(trust);
    }

    static InferenceClient sealed(
            HpkeKeyConfig key,
            ModelExpectation expectation,
            List<URI> ingresses,
            SSLContext tls,
            InferenceOptions options) {
        InferenceClient client = new InferenceClient(expectation, options);
        client.connect(ingresses, ingress -> RestTransport.sealed(ingress, tls, options, key, client.executor));
        return client;
    }

    static InferenceClient grpc(
            ServiceTrustManager trust,
            ModelExpectation expectation,
            List<Endpoint> endpoints,
            InferenceOptions options) {
        InferenceClient client = new InferenceClient(expectation, options);
        client.connect(
                endpoints, endpoint -> new GrpcTransport(endpoint, trust, options, client.network, client.executor));
        return client;
    }

    static InferenceClient rest(
            ServiceTrustManager trust,
            ModelExpectation expectation,
            List<Endpoint> endpoints,
            InferenceOptions options) {
        InferenceClient client = new InferenceClient(expectation, options);
        client.connect(endpoints, endpoint -> RestTransport.direct(endpoint, trust, options, client.executor));
        return client;
    }

    private <E> void connect(List<E> endpoints, Function<E, InferenceTransport> transport) {
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("endpoints must not be empty");
        }
        List<InferenceTransport> transports = new ArrayList<>();
        for (int connection = 0; connection < options.connections(); connection++) {
            for (E endpoint : endpoints) {
                transports.add(transport.apply(endpoint));
            }
        }
        turns = new Turns(transports, System::nanoTime);
    }

    private InferenceClient witnessed(ServiceTrust trust) {
        receipts = new ReceiptCheck(authorities(trust), trust.models());
        return this;
    }

    private static List<X509Certificate> authorities(ServiceTrust trust) {
        List<X509Certificate> authorities = new ArrayList<>();
        authorities.add(trust.caCertificate());
        trust.previousCaCertificate().ifPresent(authorities::add);
        return authorities;
    }

    private static ServiceTrustManager trustManager(ServiceTrust trust) {
        return new ServiceTrustManager(authorities(trust), trust.names());
    }

    /// Runs the model and waits for the answer.
    ///
    /// @throws S3mlException `CLI-112`, `CLI-120` to `CLI-125`
    public InferenceResponse infer(InferenceRequest request) {
        return await(inferAsync(request));
    }

    /// Runs the model; the future fails as [#infer] does. Cancelling it cancels the call.
    public CompletableFuture<InferenceResponse> inferAsync(InferenceRequest request) {
        return infer(request, options);
    }

    /// As [#inferAsync], with a timeout of its own.
    public CompletableFuture<InferenceResponse> inferAsync(InferenceRequest request, Duration timeout) {
        return infer(request, options.withTimeout(timeout));
    }

    private CompletableFuture<InferenceResponse> infer(InferenceRequest request, InferenceOptions callOptions) {
        InferenceRequest expected = expected(request);
        return new Repeating<>(
                        turns,
                        callOptions,
                        budget,
                        executor,
                        (transport, left) ->
                                transport.infer(expected, left).thenApply(answer -> witnessed(expected, answer)))
                .start();
    }

    /// The model's inputs and outputs, as a replica states them.
    ///
    /// @throws S3mlException `CLI-120` to `CLI-125`
    public ModelMetadata metadata() {
        return await(new Repeating<>(
                        turns,
                        options,
                        budget,
                        executor,
                        (transport, left) -> transport.metadata(expectation.model(), expectation.version(), left))
                .start());
    }

    private InferenceResponse witnessed(InferenceRequest request, InferenceResponse response) {
        request.receiptSalt().ifPresent(salt -> receipts.check(salt, request, response));
        return response;
    }

    private InferenceRequest expected(InferenceRequest request) {
        boolean otherVersion = !expectation.version().isEmpty()
                && !request.version().isEmpty()
                && !request.version().equals(expectation.version());
        if (!request.model().equals(expectation.model()) || otherVersion) {
            throw new S3mlException(
                    "CLI-112",
                    "sent nothing",
                    "the request is for model \"" + request.model() + "\" version \"" + request.version()
                            + "\", the client was made for \"" + expectation.model() + "\" version \""
                            + expectation.version() + "\"",
                    "make a client for each model");
        }
        return request.version().isEmpty() && !expectation.version().isEmpty()
                ? request.of(expectation.version())
                : request;
    }

    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException known ? known : e;
        } catch (CancellationException e) {
            throw TransportFault.connectionLost("the service", "the client was closed", e);
        }
    }

    @Override
    public void close() {
        turns.all().forEach(InferenceTransport::close);
        executor.shutdownNow();
        var unused = network.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
