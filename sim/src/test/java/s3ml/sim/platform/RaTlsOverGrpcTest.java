package s3ml.sim.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import s3ml.attest.Appraiser;
import s3ml.attest.Check;
import s3ml.attest.Collateral;
import s3ml.attest.EvidenceIssuer;
import s3ml.attest.PeerRejected;
import s3ml.attest.Policy;
import s3ml.attest.RaTlsCertificate;
import s3ml.attest.RaTlsTrustManager;
import s3ml.attest.Rejected;
import s3ml.attest.ReportData;
import s3ml.attest.TeeType;
import s3ml.attest.Trusted;
import s3ml.attest.Verdict;

/// Calls of gRPC over Netty between peers that know each other by evidence alone, with the TLS of the JDK and with
/// BoringSSL.
final class RaTlsOverGrpcTest {
    private static final Instant NOW = Instant.ofEpochSecond(System.currentTimeMillis() / 1000);
    private static final EnclaveIdentity SERVER = SimulatedPlatformTest.enclave(0xf1, 1, false);
    private static final EnclaveIdentity CLIENT = SimulatedPlatformTest.enclave(0xc1, 1, false);

    @TempDir
    private Path folder = Path.of("");

    private final List<Verdict> ofClient = new CopyOnWriteArrayList<>();
    private final List<Verdict> ofServer = new CopyOnWriteArrayList<>();
    private SimulatedPlatform platform;

    @BeforeEach
    void open() {
        platform = SimulatedPlatform.open(folder, InstantSource.fixed(NOW));
    }

    /// What one side shows of itself.
    private record Own(KeyPair keys, X509Certificate certificate) {}

    private Own own(EnclaveIdentity enclave, EvidenceKind kind) {
        KeyPair keys = Keys.generate();
        EvidenceIssuer issuer = new EvidenceIssuer() {
            @Override
            public byte[] issue(ReportData reportData) {
                return platform.quote(kind, enclave, reportData.bytes());
            }

            @Override
            public String name() {
                return "simulated";
            }

            @Override
            public boolean simulated() {
                return true;
            }
        };
        RaTlsCertificate.Validity validity =
                new RaTlsCertificate.Validity(NOW.minus(Duration.ofHours(1)), NOW.plus(Duration.ofHours(1)));
        return new Own(keys, RaTlsCertificate.issue(issuer, keys, "peer", null, validity));
    }

    private RaTlsTrustManager trusting(EnclaveIdentity enclave, List<Verdict> verdicts) {
        Policy policy = Policy.parse("{\"version\":1,\"roots\":[\"sha256:" + platform.rootFingerprint()
                + "\"],\"allowSimulated\":true,\"rules\":[{\"mrEnclave\":\"" + hex(enclave.measurement())
                + "\"},{\"mrTd\":\"" + hex(enclave.wideMeasurement()) + "\"}]}");
        return new RaTlsTrustManager(
                new Appraiser(null),
                quote -> Collateral.parse(platform.collateralJson(
                        quote.teeType() == TeeType.TDX ? EvidenceKind.TDX_V4 : EvidenceKind.SGX_V3)),
                policy,
                InstantSource.fixed(NOW),
                verdicts::add);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    private Server serve(Own own, EnclaveIdentity client, SslProvider provider) throws IOException {
        SslContextBuilder tls = SslContextBuilder.forServer(own.keys().getPrivate(), own.certificate())
                .trustManager(trusting(client, ofServer))
                .clientAuth(ClientAuth.REQUIRE);
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.configure(tls, provider).build())
                .addService(new HealthStatusManager().getHealthService())
                .build()
                .start();
    }

    private ServingStatus call(Server server, Own own, EnclaveIdentity expected, SslProvider provider)
            throws SSLException, InterruptedException {
        SslContextBuilder tls = SslContextBuilder.forClient()
                .keyManager(own.keys().getPrivate(), own.certificate())
                .trustManager(trusting(expected, ofClient));
        ManagedChannel channel = NettyChannelBuilder.forAddress(
                        InetAddress.getLoopbackAddress().getHostAddress(), server.getPort())
                .sslContext(GrpcSslContexts.configure(tls, provider).build())
                .build();
        try {
            return HealthGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(20, TimeUnit.SECONDS)
                    .check(HealthCheckRequest.getDefaultInstance())
                    .getStatus();
        } finally {
            channel.shutdownNow().awaitTermination(20, TimeUnit.SECONDS);
        }
    }

    private static void assumeThere(SslProvider provider) {
        assumeTrue(
                provider == SslProvider.JDK || OpenSsl.isAvailable(),
                "left out: no BoringSSL for this machine on the class path");
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void peers_of_the_expected_code_talk_and_each_has_judged_the_other(SslProvider provider) throws Exception {
        assumeThere(provider);
        Server server = serve(own(SERVER, EvidenceKind.SGX_V3), CLIENT, provider);
        try {
            assertThat(call(server, own(CLIENT, EvidenceKind.TDX_V4), SERVER, provider))
                    .isEqualTo(ServingStatus.SERVING);
        } finally {
            server.shutdownNow().awaitTermination();
        }

        assertThat(ofClient).singleElement().isInstanceOf(Trusted.class);
        assertThat(ofServer).singleElement().isInstanceOf(Trusted.class);
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void a_server_of_another_measurement_is_refused_and_the_caller_sees_what_was_found(SslProvider provider)
            throws Exception {
        assumeThere(provider);
        Server server = serve(own(SERVER, EvidenceKind.SGX_V3), CLIENT, provider);
        EnclaveIdentity other = SimulatedPlatformTest.enclave(0x0e, 1, false);
        StatusRuntimeException refused;
        try {
            refused = catchThrowableOfType(
                    StatusRuntimeException.class,
                    () -> call(server, own(CLIENT, EvidenceKind.SGX_V3), other, provider));
        } finally {
            server.shutdownNow().awaitTermination();
        }

        assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(PeerRejected.among(refused))
                .hasValueSatisfying(rejected -> assertThat(rejected.findings()).anySatisfy(finding -> {
                    assertThat(finding.code()).isEqualTo(Check.POLICY_RULE.code());
                    assertThat(finding.expected()).isEqualTo(hex(other.measurement()));
                    assertThat(finding.actual()).isEqualTo(hex(SERVER.measurement()));
                }));
        assertThat(ofClient).allSatisfy(verdict -> assertThat(verdict).isInstanceOf(Rejected.class));
    }

    @ParameterizedTest
    @EnumSource(
            value = SslProvider.class,
            names = {"JDK", "OPENSSL"})
    void a_client_of_another_measurement_is_refused_by_the_server(SslProvider provider) throws Exception {
        assumeThere(provider);
        Server server = serve(own(SERVER, EvidenceKind.TDX_V5_TD15), CLIENT, provider);
        try {
            assertThat(catchThrowableOfType(
                            StatusRuntimeException.class,
                            () -> call(server, own(SERVER, EvidenceKind.SGX_V3), SERVER, provider)))
                    .isNotNull();
        } finally {
            server.shutdownNow().awaitTermination();
        }

        assertThat(ofServer)
                .isNotEmpty()
                .allSatisfy(verdict -> assertThat(verdict).isInstanceOf(Rejected.class));
    }
}
