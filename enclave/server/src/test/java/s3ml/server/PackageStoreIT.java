package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.repository.ModelState;
import s3ml.server.repository.PackageOrigin;
import s3ml.server.repository.RepositorySettings;
import s3ml.server.tflite.Models;

/// Packages from a real nginx that serves a folder as a bucket in path style, over TLS.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class PackageStoreIT {
    private static final Path NGINX = Path.of("/usr/sbin/nginx");
    private static final Duration POLL = Duration.ofMillis(200);

    @TempDir
    private Path folder;

    private int port;
    private int uploads;
    private @Nullable Process nginx;
    private @Nullable TestServer server;

    @BeforeEach
    void choosePort() throws IOException {
        Assumptions.assumeTrue(Files.isExecutable(NGINX), "nginx is not installed");
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
        Files.createDirectories(folder.resolve("www/bucket/models"));
    }

    @AfterEach
    void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (nginx != null) {
            nginx.destroy();
            nginx.waitFor(20, TimeUnit.SECONDS);
        }
    }

    /// @param name in the store's certificate
    private void startStore(String name) throws Exception {
        X509Bundle authority = new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject("CN=store CA")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle leaf = new CertificateBuilder()
                .algorithm(Algorithm.ecp256)
                .subject("CN=store")
                .addSanDnsName(name)
                .buildIssuedBy(authority);
        Files.writeString(folder.resolve("ca.pem"), authority.getCertificatePEM());
        Files.writeString(folder.resolve("store.pem"), leaf.getCertificatePEM());
        Files.writeString(folder.resolve("store.key"), leaf.getPrivateKeyPEM());
        Path config = Files.writeString(folder.resolve("nginx.conf"), """
                daemon off; master_process off; worker_processes 1;
                error_log %1$s/error.log; pid %1$s/nginx.pid;
                events {}
                http {
                  log_format short '$status $http_if_none_match $http_range';
                  access_log %1$s/access.log short;
                  client_body_temp_path %1$s/a; proxy_temp_path %1$s/b; fastcgi_temp_path %1$s/c;
                  uwsgi_temp_path %1$s/d; scgi_temp_path %1$s/e;
                  server {
                    listen 127.0.0.1:%2$d ssl;
                    ssl_certificate %1$s/store.pem; ssl_certificate_key %1$s/store.key;
                    root %1$s/www;
                  }
                }
                """.formatted(folder, port));
        nginx = new ProcessBuilder(NGINX.toString(), "-p", folder.toString(), "-c", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("nginx.log").toFile())
                .start();
        for (int i = 0; i < 100; i++) {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(probe.isConnected()).isTrue();
                return;
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        throw new IOException("nginx did not start: " + Files.readString(folder.resolve("nginx.log")));
    }

    private TestServer startServer() throws Exception {
        PackageOrigin store = new PackageOrigin.Store(
                URI.create("https://localhost:" + port + "/bucket/models"),
                Map.of(),
                folder.resolve("cache"),
                Optional.of(folder.resolve("ca.pem")),
                1 << 20);
        TestServer started = new TestServer(own -> new RepositorySettings(store, POLL, 1, 1, 0, Map.of()));
        server = started;
        return started;
    }

    /// What the owner does after packing.
    private void upload(TestServer from, String file) throws IOException {
        Path there = folder.resolve("www/bucket/models").resolve(file);
        Path part = there.resolveSibling("upload");
        Files.copy(from.folder().resolve(file), part, StandardCopyOption.REPLACE_EXISTING);
        // nginx makes the tag of seconds and size.
        Files.setLastModifiedTime(part, FileTime.fromMillis(1000L * ++uploads));
        Files.move(part, there, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static String state(TestServer of, String version) {
        ModelState state = Objects.requireNonNull(of.repository().versions("m").get(version));
        return state.label() + " " + state.reason();
    }

    private static void await(TestServer of, String version, String wanted) throws InterruptedException {
        // What fails is tried again every few milliseconds, and is LOADING meanwhile: a second look is not the first.
        String seen = state(of, version);
        for (int i = 0; i < 200 && !seen.equals(wanted); i++) {
            Thread.sleep(50);
            seen = state(of, version);
        }
        assertThat(seen).isEqualTo(wanted);
    }

    private List<String> seen() throws IOException {
        return Files.readAllLines(folder.resolve("access.log"));
    }

    @Test
    void a_package_that_comes_late_is_polled_for_and_replaces_the_older_version_without_a_gap() throws Exception {
        startStore("localhost");
        TestServer started = startServer();
        started.pack("m", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        upload(started, "m-1.s3mlpkg");
        started.release();
        assertThat(state(started, "1")).isEqualTo("READY ");

        started.pack("m", "2", Models.doubling(TensorType.FLOAT32, 1, 4));
        started.release();
        await(started, "2", "UNAVAILABLE SRV-305");
        assertThat(state(started, "1")).isEqualTo("READY ");
        upload(started, "m-2.s3mlpkg");

        await(started, "2", "READY ");
        await(started, "1", "UNAVAILABLE unloaded");
        assertThat(seen().getFirst()).startsWith("200");
        assertThat(seen()).anyMatch(line -> line.startsWith("404"));
    }

    @Test
    void a_package_with_one_flipped_bit_is_refused_and_asked_for_by_its_tag_until_there_is_another() throws Exception {
        startStore("localhost");
        TestServer started = startServer();
        started.pack("m", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        Path made = started.folder().resolve("m-1.s3mlpkg");
        byte[] right = Files.readAllBytes(made);
        byte[] wrong = right.clone();
        wrong[wrong.length - 1] ^= 1;
        Files.write(made, wrong);
        upload(started, "m-1.s3mlpkg");

        started.release();
        await(started, "1", "UNAVAILABLE PRO-115");
        for (int i = 0; i < 200 && seen().stream().noneMatch(line -> line.startsWith("304 \\x22")); i++) {
            Thread.sleep(50);
        }
        assertThat(seen().stream().filter(line -> line.startsWith("200")).count())
                .isEqualTo(2);
        assertThat(seen()).anyMatch(line -> line.startsWith("304 \\x22"));
        Files.write(made, right);
        upload(started, "m-1.s3mlpkg");

        await(started, "1", "READY ");
    }

    @Test
    void a_store_whose_certificate_is_for_another_name_gets_no_request() throws Exception {
        startStore("elsewhere");
        TestServer started = startServer();
        started.pack("m", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        upload(started, "m-1.s3mlpkg");

        started.release();

        await(started, "1", "UNAVAILABLE SRV-304");
        assertThat(seen()).isEmpty();
    }
}
