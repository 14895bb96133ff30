package s3ml.sim.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.KeyManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.protocol.AecsAppraisal;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Signatures;
import s3ml.wire.aecs.AttestRequest;
import s3ml.wire.aecs.AttestResponse;
import s3ml.wire.aecs.TrustGrpc;

/// What stands between an owner and the AECS may relay, replay and change; each lie is named by its own code.
final class LyingAecsTest {
    private static final byte[] NONCE = new byte[32];

    @TempDir
    private Path folder;

    @TempDir
    private Path otherFolder;

    private final KeyPair admin = Signatures.generate();
    private Deployment deployment;
    private ManagedChannel raw;
    private AecsVerifier verifier;

    @BeforeEach
    void start() throws Exception {
        deployment = new Deployment(folder, admin.getPublic().getEncoded());
        verifier = deployment.verifier(deployment.policy(deployment.aecsEnclave));
        raw = NettyChannelBuilder.forAddress(
                        "127.0.0.1", deployment.aecsEndpoint().port())
                .sslContext(GrpcSslContexts.forClient()
                        .trustManager(InsecureTrustManagerFactory.INSTANCE)
                        .build())
                .build();
    }

    @AfterEach
    void stop() {
        raw.shutdownNow();
        deployment.close();
    }

    @Test
    void an_honest_answer_is_trusted_and_marked_as_simulated() {
        AecsAppraisal appraisal = verifier.appraise(attest(), NONCE);

        assertThat(appraisal).isInstanceOf(AttestedAecs.class);
        assertThat(appraisal.orThrow().simulated()).isTrue();
    }

    @Test
    void an_answer_to_an_earlier_nonce_is_refused() {
        byte[] fresh = NONCE.clone();
        fresh[0] = 1;

        assertThat(codes(attest(), fresh)).containsExactly("PRO-132");
    }

    @Test
    void claims_that_the_quote_does_not_cover_are_refused() {
        AttestResponse honest = attest();
        byte[] claims = honest.getClaims().toByteArray();
        claims[claims.length - 1] ^= 1;

        assertThat(codes(
                        honest.toBuilder()
                                .setClaims(ByteString.copyFrom(claims))
                                .build(),
                        NONCE))
                .containsExactly("PRO-131");
    }

    @Test
    void any_flipped_bit_of_the_evidence_is_refused() {
        AttestResponse honest = attest();
        // The header's reserved and user data included: each 97th byte, which no field's length divides.
        for (int at = 0; at < 1_000; at += 97) {
            byte[] evidence = honest.getEvidence().toByteArray();
            evidence[at] ^= 1;
            AttestResponse changed = honest.toBuilder()
                    .setEvidence(ByteString.copyFrom(evidence))
                    .build();

            assertThatThrownBy(() -> verifier.appraise(changed, NONCE).orThrow())
                    .as("byte %d", at)
                    .isInstanceOf(S3mlException.class);
        }
    }

    @Test
    void an_answer_too_large_to_be_read_is_refused() {
        AttestResponse large = attest().toBuilder()
                .setClaims(ByteString.copyFrom(new byte[5_000]))
                .build();

        assertThatThrownBy(() -> verifier.appraise(large, NONCE))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("PRO-134");
    }

    @Test
    void a_relay_with_a_TLS_key_of_its_own_is_refused() throws Exception {
        Server relay = relay();
        try (AecsChannel channel = deployment.channel(verifier, new Endpoint("127.0.0.1", relay.getPort()))) {
            assertThatThrownBy(channel::attested)
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("PRO-137");
        } finally {
            relay.shutdownNow();
        }
    }

    @Test
    void a_replica_of_another_AECS_does_not_take_over() {
        Deployment first = new Deployment(otherFolder, admin.getPublic().getEncoded(), deployment.platform);
        try (AecsChannel channel = deployment.channel(verifier, first.aecsEndpoint(), deployment.aecsEndpoint())) {
            channel.attested();
            first.close();

            assertThatThrownBy(() -> channel.call(
                            (calls, aecs) -> TrustGrpc.newBlockingStub(calls).attest(request())))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("PRO-138");
        }
    }

    /// Ends TLS with its own key and passes everything on, as a proxy of the operator would.
    private Server relay() throws Exception {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .sslContext(GrpcSslContexts.configure(SslContextBuilder.forServer(relayKeys()))
                        .build())
                .addService(new TrustGrpc.TrustImplBase() {
                    @Override
                    public void attest(AttestRequest request, StreamObserver<AttestResponse> observer) {
                        observer.onNext(TrustGrpc.newBlockingStub(raw).attest(request));
                        observer.onCompleted();
                    }
                })
                .build()
                .start();
    }

    private KeyManagerFactory relayKeys() throws Exception {
        Path store = folder.resolve("relay.p12");
        String password = "relay-relay";
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "relay",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=relay",
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        password,
                        "-keystore",
                        store.toString())
                .inheritIO()
                .start();
        assertThat(keytool.waitFor()).isZero();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, password.toCharArray());
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, password.toCharArray());
        return factory;
    }

    private AttestResponse attest() {
        return TrustGrpc.newBlockingStub(raw).attest(request());
    }

    private static AttestRequest request() {
        return AttestRequest.newBuilder().setNonce(ByteString.copyFrom(NONCE)).build();
    }

    private Set<String> codes(AttestResponse response, byte[] nonce) {
        Set<String> codes = new HashSet<>();
        switch (verifier.appraise(response, nonce)) {
            case AttestedAecs trusted -> codes.add("trusted " + trusted.identityDigest());
            case AecsAppraisal.Refused refused ->
                List.copyOf(refused.findings()).forEach(finding -> codes.add(finding.code()));
        }
        return codes;
    }
}
