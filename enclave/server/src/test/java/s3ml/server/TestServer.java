package s3ml.server;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import s3ml.attest.SecretBytes;
import s3ml.protocol.Hpke;
import s3ml.protocol.HpkeKeyConfig;
import s3ml.protocol.HpkeKeyPair;
import s3ml.protocol.Lease;
import s3ml.protocol.ModelPackageWriter;
import s3ml.protocol.access.AccessRules;
import s3ml.server.engine.ModelSpec;
import s3ml.server.repository.ModelRepository;
import s3ml.server.repository.ModelSettings;
import s3ml.server.repository.RepositorySettings;
import s3ml.server.repository.Serving;
import s3ml.server.repository.VersionPolicy;

/// A model server in this process with everything but the AECS: the keys that a lease would bring are made here.
public final class TestServer implements AutoCloseable {
    /// Anybody may do anything: for tests that are not about who may.
    static final ServerConfig.Callers OPEN = new ServerConfig.Callers(
            Optional.of(AccessRules.parse("{\"anonymous\":{\"infer\":[\"*\"],\"control\":[\"*\"]}}")),
            false,
            Optional.empty());

    private final Path folder;
    private final X509Bundle authority;
    private final ModelServer server;
    private final Lease.HpkeServiceKey hpkeKey;
    private final List<Lease.ModelKey> modelKeys = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();
    private Map<String, String> configuration = Map.of();

    /// How a model is served that is batched so, and as usual for the rest. A delay keeps requests under way for a
    /// while.
    static ModelSettings batching(int maxBatch, long delayNanos, int queue) {
        return new ModelSettings(
                new VersionPolicy.Latest(1),
                new ModelSpec.Batching(maxBatch, delayNanos, queue),
                1,
                Map.of(),
                Map.of());
    }

    /// A server without models.
    public TestServer(Map<String, ModelSettings> settings) throws Exception {
        this(settings, ServerConfig.Limits.DEFAULT);
    }

    public TestServer(Map<String, ModelSettings> settings, ServerConfig.Limits limits) throws Exception {
        this(settings, limits, OPEN);
    }

    public TestServer(Map<String, ModelSettings> settings, ServerConfig.Limits limits, ServerConfig.Callers callers)
            throws Exception {
        this(folder -> new RepositorySettings(folder, 1, 0, settings), limits, callers);
    }

    /// A server that may get its packages from elsewhere than the folder where they are made.
    TestServer(Function<Path, RepositorySettings> repository) throws Exception {
        this(repository, ServerConfig.Limits.DEFAULT, OPEN);
    }

    private TestServer(
            Function<Path, RepositorySettings> repository, ServerConfig.Limits limits, ServerConfig.Callers callers)
            throws Exception {
        folder = Files.createTempDirectory("s3ml-server-test");
        authority = new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject("CN=test service CA")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        RepositorySettings models = repository.apply(folder);
        try (HpkeKeyPair pair = Hpke.generate()) {
            hpkeKey = new Lease.HpkeServiceKey(
                    new HpkeKeyConfig(7, pair.publicKey()), pair.privateKey().expose(SecretBytes::copyOf));
        }
        ServerConfig.Listen listen = new ServerConfig.Listen("127.0.0.1", 0, 0, "127.0.0.1", 0, true, 1);
        ServerConfig config =
                new ServerConfig("test", List.of(), URI.create("http://127.0.0.1"), listen, limits, callers, models);
        server = new ModelServer(config, keys(List.of(ticketKey(1))), ModelServer.log(System.err, true));
    }

    /// What a lease would bring now.
    ServingKeys keys(List<Lease.TicketKey> tickets) throws Exception {
        return new ServingKeys(identity(), tickets, List.of(hpkeKey), modelKeys, configuration);
    }

    /// What the lease's configuration says from the next [#release()] on.
    void configure(Map<String, String> lease) {
        configuration = lease;
    }

    /// A fresh certificate for 127.0.0.1 under the service's CA.
    Lease.TlsIdentity identity() throws Exception {
        X509Bundle leaf = new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject("CN=localhost")
                .addSanDnsName("localhost")
                .addSanIpAddress("127.0.0.1")
                .buildIssuedBy(authority);
        return new Lease.TlsIdentity(
                leaf.getKeyPair().getPrivate(), List.of(leaf.getCertificate(), authority.getCertificate()));
    }

    static Lease.TicketKey ticketKey(int seed) {
        byte[] bytes = new byte[16];
        Arrays.fill(bytes, (byte) seed);
        return new Lease.TicketKey(ByteString.copyFrom(bytes), SecretBytes.copyOf(bytes), SecretBytes.copyOf(bytes));
    }

    Lease.HpkeServiceKey hpkeKey() {
        return hpkeKey;
    }

    ModelServer server() {
        return server;
    }

    Serving serving() {
        return server.serving();
    }

    ModelRepository repository() {
        return server.serving().repository();
    }

    Path folder() {
        return folder;
    }

    public X509Certificate authority() {
        return authority.getCertificate();
    }

    /// The service's CA as a PEM file, for clients that want a path.
    public Path authorityFile() throws Exception {
        Path file = folder.resolve("ca.pem");
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'})
                .encodeToString(authority.getCertificate().getEncoded());
        Files.writeString(file, "-----BEGIN CERTIFICATE-----\n" + base64 + "\n-----END CERTIFICATE-----\n");
        return file;
    }

    /// Packs a model into the folder and keeps its key, without telling the server.
    public void pack(String name, String version, byte[] model, String... labels) throws IOException {
        Path file = Files.write(folder.resolve(name + ".tflite"), model);
        ModelPackageWriter writer = new ModelPackageWriter(new SecureRandom());
        SecretBytes key = writer.newKey();
        ModelPackageWriter.Packed packed = writer.pack(
                file,
                new ModelPackageWriter.Title(name, version, List.of(labels)),
                key,
                folder.resolve(name + "-" + version + ".s3mlpkg"));
        modelKeys.add(new Lease.ModelKey(
                name, version, key, packed.manifestDigest(), packed.manifest().modelDigest()));
    }

    /// Gives the server all keys, as a new lease would, and waits until each model was tried.
    public void release() throws Exception {
        server.renew(keys(List.of(ticketKey(1))));
    }

    /// [#pack] and [#release].
    public TestServer with(String name, byte[] model) throws Exception {
        pack(name, "1", model);
        release();
        return this;
    }

    public int restPort() {
        return server.restPort();
    }

    public int grpcPort() {
        return server.grpcPort();
    }

    public int metricsPort() {
        return server.metricsPort();
    }

    /// TLS 1.3 that trusts the service's CA and nothing else.
    SSLContext tls() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        store.setCertificateEntry("ca", authority.getCertificate());
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /// A connection with TLS up, to be written to byte by byte.
    ///
    /// @param protocol for ALPN, `h2` or `http/1.1`
    SSLSocket connect(int port, String protocol) throws Exception {
        SSLSocket socket = (SSLSocket) tls().getSocketFactory().createSocket("127.0.0.1", port);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setApplicationProtocols(new String[] {protocol});
        socket.setSSLParameters(parameters);
        socket.setSoTimeout(30_000);
        socket.startHandshake();
        return socket;
    }

    /// A client that trusts the service's CA and nothing else.
    public HttpClient http(HttpClient.Version version) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(tls())
                .version(version)
                .connectTimeout(Duration.ofSeconds(10))
                .build();
    }

    /// Sends a request with a JSON body (none for GET) and returns status and text.
    public HttpResponse<String> call(String method, String path, String body) throws Exception {
        HttpRequest.BodyPublisher publisher = body.isEmpty()
                ? HttpRequest.BodyPublishers.noBody()
                : HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8);
        HttpRequest request = HttpRequest.newBuilder(uri(path))
                .method(method, publisher)
                .timeout(Duration.ofSeconds(30))
                .build();
        try (HttpClient client = http(HttpClient.Version.HTTP_1_1)) {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    public URI uri(String path) {
        return URI.create("https://127.0.0.1:" + restPort() + path);
    }

    /// A channel to the gRPC port.
    public ManagedChannel grpc() throws Exception {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", grpcPort())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(authority.getCertificate())
                        .build())
                .maxInboundMessageSize(64 << 20)
                .build();
        channels.add(channel);
        return channel;
    }

    @Override
    public void close() throws IOException {
        channels.forEach(ManagedChannel::shutdownNow);
        server.close();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(folder);
    }
}
