package s3ml.sim.aecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import s3ml.aecs.etcd.EtcdConfig;
import s3ml.aecs.etcd.EtcdRecordStore;
import s3ml.aecs.state.RecordStore;
import s3ml.attest.S3mlException;

/// A real etcd that demands client certificates.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class EtcdTlsIT {
    @TempDir
    private Path folder;

    private int port;
    private Process etcd;

    @BeforeEach
    void startEtcd() throws Exception {
        X509Bundle authority = authority("etcd");
        Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
        issue(authority, "server", CertificateBuilder.ExtendedKeyUsage.PKIX_KP_SERVER_AUTH);
        issue(authority, "client", CertificateBuilder.ExtendedKeyUsage.PKIX_KP_CLIENT_AUTH);
        issue(authority("stranger"), "stranger", CertificateBuilder.ExtendedKeyUsage.PKIX_KP_CLIENT_AUTH);
        port = freePort();
        String client = "https://127.0.0.1:" + port;
        String peer = "http://127.0.0.1:" + freePort();
        etcd = new ProcessBuilder(
                        Path.of(System.getProperty("s3ml.components"), "etcd", "bin", "etcd")
                                .toString(),
                        "--name=n0",
                        "--data-dir=" + folder.resolve("data"),
                        "--listen-client-urls=" + client,
                        "--advertise-client-urls=" + client,
                        "--listen-peer-urls=" + peer,
                        "--initial-advertise-peer-urls=" + peer,
                        "--initial-cluster=n0=" + peer,
                        "--cert-file=" + folder.resolve("server.pem"),
                        "--key-file=" + folder.resolve("server.key"),
                        "--client-cert-auth",
                        "--trusted-ca-file=" + folder.resolve("ca.pem"),
                        "--log-level=error")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("etcd.log").toFile())
                .start();
    }

    @AfterEach
    void stopEtcd() throws InterruptedException {
        etcd.destroyForcibly().waitFor();
    }

    private static X509Bundle authority(String name) throws Exception {
        return new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=" + name)
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
    }

    private void issue(X509Bundle authority, String name, CertificateBuilder.ExtendedKeyUsage use) throws Exception {
        X509Bundle bundle = new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=" + name)
                .addSanIpAddress("127.0.0.1")
                .addExtendedKeyUsage(use)
                .buildIssuedBy(authority);
        Files.writeString(folder.resolve(name + ".pem"), bundle.getCertificatePEM());
        Files.writeString(folder.resolve(name + ".key"), bundle.getPrivateKeyPEM());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private RecordStore open(Optional<String> client, Duration patience) {
        EtcdConfig.Tls tls = new EtcdConfig.Tls(
                folder.resolve("ca.pem"),
                client.map(name -> folder.resolve(name + ".pem")),
                client.map(name -> folder.resolve(name + ".key")));
        return EtcdRecordStore.open(
                EtcdConfig.of(List.of("127.0.0.1:" + port), "s3ml/")
                        .with(new EtcdConfig.Access(Optional.of(tls), Optional.empty()))
                        .with(Duration.ofSeconds(2), patience),
                new SecureRandom());
    }

    @Test
    void a_client_with_the_clusters_certificate_is_let_in_and_no_other() {
        try (RecordStore store = open(Optional.of("client"), Duration.ofSeconds(60))) {
            assertThat(store.commit("head", null, List.of(new RecordStore.Write("head", new byte[] {1}))))
                    .isTrue();
            assertThat(store.getAll(List.of("head")).getFirst()).containsExactly(1);
        }

        for (Optional<String> other : Set.of(Optional.<String>empty(), Optional.of("stranger"))) {
            try (RecordStore store = open(other, Duration.ofSeconds(4))) {
                assertThatThrownBy(() -> store.getAll(List.of("head")))
                        .isInstanceOf(S3mlException.class)
                        .hasMessageStartingWith("AECS-301");
            }
        }
    }
}
