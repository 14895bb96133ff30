package s3ml.lab.serve;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.OptionalInt;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import s3ml.attest.S3mlException;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.ModelExpectation;
import s3ml.client.ModelMetadata;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.loader.PlatformControl;

/// A model server as a measured process, which attested itself for its keys. Closing it ends the process.
public final class ServedEnclave implements AutoCloseable {
    private static final String HOST = "127.0.0.1";

    private final PlatformControl control;
    private final PlatformControl.Enclave enclave;
    private final ServiceTrust trust;
    private final List<String> models;
    private final long began;

    ServedEnclave(
            PlatformControl control,
            PlatformControl.Enclave enclave,
            ServiceTrust trust,
            List<String> models,
            long began) {
        this.control = control;
        this.enclave = enclave;
        this.trust = trust;
        this.models = List.copyOf(models);
        this.began = began;
    }

    /// [System#nanoTime] when its start was asked for.
    long began() {
        return began;
    }

    /// What it holds and spends.
    public Usage usage() {
        return new Usage(enclave.pid());
    }

    /// Where gRPC is spoken, as the beginning of an address.
    public String grpcAuthority() {
        return "https://" + HOST + ":" + port("grpcPort");
    }

    String restAuthority() {
        return "https://" + HOST + ":" + port("restPort");
    }

    /// A port of it, named as in its ready line: `grpcPort`, `restPort`.
    public int port(String name) {
        return Math.toIntExact(enclave.ready().number(name));
    }

    /// What its models answered until now.
    ///
    /// @param success inferences answered
    /// @param failure inferences refused
    public record Counts(long success, long failure) {}

    /// The sums of its own counters, as anybody may scrape them.
    public Counts counts() throws IOException {
        String text = metricsPage();
        return new Counts(sum(text, "nv_inference_request_success"), sum(text, "nv_inference_request_failure"));
    }

    /// The share of its model's load that it was told last, in millionths, as its metrics page shows it; empty before
    /// the first.
    public OptionalInt toldShare() throws IOException {
        String name = "s3ml_told_share ";
        return metricsPage()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToInt(line -> Integer.parseInt(line.substring(name.length())))
                .findFirst();
    }

    private String metricsPage() throws IOException {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                            HttpRequest.newBuilder(
                                            URI.create("http://" + HOST + ":" + port("metricsPort") + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8))
                    .body();
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

    private static long sum(String metrics, String name) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + "{"))
                .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))))
                .sum();
    }

    /// The only input of a model, as the server states it.
    public LoadTarget.Input input(String model) {
        try (InferenceClient client = grpc(model)) {
            ModelMetadata.TensorInfo input = client.metadata().inputs().getFirst();
            return new LoadTarget.Input(model, input.name(), input.datatype().name(), input.shape());
        }
    }

    /// A client that attested the service.
    public InferenceClient grpc(String model) {
        return InferenceClient.grpc(
                trust, expectation(model), List.of(new Endpoint(HOST, port("grpcPort"))), InferenceOptions.defaults());
    }

    /// The same over REST.
    InferenceClient rest(String model) {
        return InferenceClient.rest(
                trust,
                expectation(model),
                List.of(new Endpoint(HOST, port("restPort"))),
                InferenceOptions.defaults().withConnections(1));
    }

    /// The same over REST with sealed bodies, as through a proxy.
    InferenceClient sealed(String model) throws IOException {
        return InferenceClient.sealed(
                trust,
                expectation(model),
                List.of(URI.create(restAuthority())),
                trusting(trust.caCertificate()),
                InferenceOptions.defaults().withConnections(1));
    }

    private static ModelExpectation expectation(String model) {
        return ModelExpectation.of(model).acceptSimulated();
    }

    /// TLS to whoever holds a certificate of this authority, or this one.
    public static SSLContext trusting(X509Certificate authority) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setCertificateEntry("service", authority);
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, factory.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("this JDK cannot do TLS", e);
        }
    }

    /// Asserts that the server refused nothing since `before`: what was counted as an answer was an inference.
    ///
    /// @param cut requests that were under way when a load ended, whose callers had gone
    /// @throws S3mlException `LAB-125` if it refused more
    void demandNoFailure(Counts before, int cut) throws IOException {
        long refused = counts().failure() - before.failure() - cut;
        if (refused > 0) {
            throw new S3mlException(
                    "LAB-125",
                    "a figure would be wrong",
                    "the server refused " + refused + " requests to " + models,
                    "see " + enclave.log());
        }
    }

    /// Its standard error.
    Path log() {
        return enclave.log();
    }

    @Override
    public void close() {
        control.stop(enclave.name());
    }
}
