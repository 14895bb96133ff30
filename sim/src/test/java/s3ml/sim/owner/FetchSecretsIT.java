package s3ml.sim.owner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.aecs.AecsConfig;
import s3ml.attest.json.Json;
import s3ml.client.cli.S3mlClient;
import s3ml.sim.platform.SimulatedPlatform;

/// `s3ml fetch-secrets` as a process that plays an enclave, against an AECS, and the servers that it starts.
final class FetchSecretsIT {
    private static final int SERVER = 2;
    private static final int STRANGER = 3;
    /// Renewed every few seconds.
    private static final AecsConfig.Times SHORT =
            new AecsConfig.Times(Duration.ofSeconds(9), Duration.ofMinutes(1), Duration.ofDays(1), Duration.ofDays(7));

    @TempDir
    private Path folder;

    private Deployment deployment;

    @BeforeEach
    void start() throws IOException {
        client("key", "new", "--out", file("admin.pem"));
        String shown = client("key", "show", file("admin.pem"), "--json");
        deployment = new Deployment(
                folder,
                Base64.getDecoder().decode(Json.parseObject(shown).string("publicKey")),
                SimulatedPlatform.open(folder.resolve("platform"), InstantSource.system()),
                SHORT);
        Files.writeString(folder.resolve("policy.json"), deployment.policy(deployment.serverEnclave));
        admin("service", "create", "s", "--names=localhost,127.0.0.1");
        admin("policy", "set", "s", file("policy.json"));
        admin("secret", "create", "s", "signing", "--kind=ec-p256");
        admin("secret", "create", "s", "sealed", "--kind=ec-p256", "--use-inside");
    }

    @AfterEach
    void stop() {
        deployment.close();
    }

    @Test
    void files_are_written_for_their_owner_only_and_the_applications_exit_status_is_passed_on() throws Exception {
        Process process = fetch(
                SERVER,
                List.of("tls.key", "tls.crt", "ca.crt", "secret/signing", "secret/signing.pub"),
                "--",
                "/bin/sh",
                "-c",
                "test -r '" + file("tls.key") + "' && exit 7");

        assertThat(status(process)).as(errors()).isEqualTo(7);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("tls.key"))))
                .isEqualTo("rw-------");
        assertThat(folder.resolve("secret.signing")).content().startsWith("-----BEGIN PRIVATE KEY-----");
        assertThat(folder.resolve("secret.signing.pub")).content().startsWith("-----BEGIN PUBLIC KEY-----");
        assertThat(folder.resolve("tls.crt")).content().contains("-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE");
        assertThat(folder.resolve("tls.key.new")).doesNotExist();
    }

    @Test
    void a_rotated_secret_takes_the_place_of_the_old_one() throws Exception {
        assertThat(status(fetch(SERVER, List.of("secret/signing"))))
                .as(errors())
                .isZero();
        String before = Files.readString(folder.resolve("secret.signing"));
        admin("secret", "rotate", "s", "signing");

        assertThat(status(fetch(SERVER, List.of("secret/signing")))).isZero();

        assertThat(Files.readString(folder.resolve("secret.signing")))
                .startsWith("-----BEGIN PRIVATE KEY-----")
                .isNotEqualTo(before);
    }

    @Test
    void an_enclave_that_the_policy_does_not_name_gets_nothing_and_starts_nothing() throws Exception {
        Process process = fetch(STRANGER, List.of("tls.key"), "--", "/bin/sh", "-c", "touch '" + file("started") + "'");

        assertThat(status(process)).isEqualTo(2);
        assertThat(errors()).contains("PRO-140").contains("AECS-210");
        assertThat(folder.resolve("tls.key")).doesNotExist();
        assertThat(folder.resolve("started")).doesNotExist();
    }

    @Test
    void what_cannot_be_written_is_said_and_the_application_is_not_started() throws Exception {
        Files.createDirectory(folder.resolve("tls.key"));
        Files.createFile(folder.resolve("tls.key/in-the-way"));
        assertThat(status(fetch(SERVER, List.of("tls.key"), "--", "/bin/touch", file("started"))))
                .isNotZero();
        assertThat(errors()).contains("CLI-157");
        assertThat(status(fetch(SERVER, List.of("secret/sealed"), "--", "/bin/touch", file("started"))))
                .isNotZero();
        assertThat(errors()).contains("CLI-156");
        assertThat(status(fetch(SERVER, List.of("secret/none"), "--", "/bin/touch", file("started"))))
                .isNotZero();
        assertThat(errors()).contains("CLI-155");

        assertThat(folder.resolve("started")).doesNotExist();
    }

    /// The disk is a tmpfs of one page (4 KB) in a mount namespace of the process' own, where the secret is longer.
    @Test
    void on_a_full_disk_it_fails_and_leaves_neither_half_a_secret_nor_an_application() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        List<String> onDisk = List.of(
                "/usr/bin/unshare",
                "--map-root-user",
                "--mount",
                "/bin/sh",
                "-c",
                "mount -t tmpfs -o size=4k none '" + disk + "' || exit 99; \"$@\"; status=$?; ls -A '" + disk + "' > '"
                        + file("left") + "'; exit $status",
                "sh");
        List<String> trial = new ArrayList<>(onDisk);
        trial.add("/bin/true");
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of(onDisk.getFirst()))
                        && status(new ProcessBuilder(trial)
                                        .redirectErrorStream(true)
                                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                                        .start())
                                == 0,
                "this user cannot mount a tmpfs in a namespace of its own");
        Files.write(folder.resolve("long.bin"), new byte[6000]);
        admin("secret", "create", "s", "long", "--kind=data", "--from=" + file("long.bin"));
        List<String> command = new ArrayList<>(onDisk);
        command.addAll(fetching(SERVER, List.of("--write=secret/long=" + disk.resolve("long"))));
        command.addAll(List.of("--", "/bin/touch", file("started")));

        int status = status(start(command));

        assertThat(status).as(errors()).isEqualTo(1);
        assertThat(errors())
                .contains(
                        "CLI-157: cannot write " + disk.resolve("long") + ": No space left on device; make its folder");
        assertThat(folder.resolve("left")).hasContent("");
        assertThat(folder.resolve("started")).doesNotExist();
    }

    @Test
    void files_follow_each_renewal_and_an_enclave_that_is_revoked_loses_files_and_application() throws Exception {
        Process process = fetch(
                SERVER,
                List.of("secret/signing"),
                "--on-change=/bin/touch " + file("changed"),
                "--",
                "/bin/sleep",
                "600");
        await(folder.resolve("secret.signing"));
        String before = Files.readString(folder.resolve("secret.signing"));
        admin("secret", "rotate", "s", "signing");
        await(folder.resolve("changed"));
        assertThat(Files.readString(folder.resolve("secret.signing"))).isNotEqualTo(before);

        admin("enclave", "revoke", "s", HexFormat.of().formatHex(deployment.serverEnclave.measurement()));

        assertThat(status(process)).as(errors()).isEqualTo(2);
        assertThat(errors()).contains("CLI-163").contains("AECS-211");
        assertThat(folder.resolve("secret.signing")).doesNotExist();
        assertThat(process.toHandle().descendants()).isEmpty();
    }

    private static void await(Path file) throws InterruptedException {
        for (int i = 0; i < 600 && !Files.exists(file); i++) {
            Thread.sleep(100);
        }
        assertThat(file).exists();
    }

    @Test
    void an_unmodified_server_serves_under_the_services_authority() throws Exception {
        Path nginx = Path.of("/usr/sbin/nginx");
        Assumptions.assumeTrue(Files.isExecutable(nginx), "nginx is not installed");
        int port = freePort();
        Files.writeString(folder.resolve("nginx.conf"), """
                daemon off; worker_processes 1; user root; error_log %1$s/error.log; pid %1$s/nginx.pid;
                events { worker_connections 16; }
                http {
                  access_log off; client_body_temp_path %1$s/b; proxy_temp_path %1$s/p; fastcgi_temp_path %1$s/f;
                  uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
                  server {
                    listen 127.0.0.1:%2$d ssl; ssl_certificate %1$s/tls.crt; ssl_certificate_key %1$s/tls.key;
                    location / { return 200 "served by nginx"; }
                  }
                }
                """.formatted(folder, port));
        Process process = fetch(
                SERVER, List.of("tls.key", "tls.crt", "ca.crt"), "--", nginx.toString(), "-c", file("nginx.conf"));
        try {
            assertThat(get(port)).isEqualTo("served by nginx");
        } finally {
            process.destroy();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(process.toHandle().descendants()).isEmpty();
    }

    /// Asks until the server is there; trusts the service's authority only.
    private String get(int port) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("https://localhost:" + port + "/"))
                .build();
        IOException last = new IOException("never asked");
        for (int i = 0; i < 300; i++) {
            if (Files.exists(folder.resolve("ca.crt"))) {
                try (HttpClient client =
                        HttpClient.newBuilder().sslContext(trusting()).build()) {
                    return client.send(request, HttpResponse.BodyHandlers.ofString())
                            .body();
                } catch (IOException e) {
                    last = e;
                }
            }
            Thread.sleep(100);
        }
        throw last;
    }

    private SSLContext trusting() throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null);
        try (var in = Files.newInputStream(folder.resolve("ca.crt"))) {
            store.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /// Starts fetching; each name goes to a file of that name with dots for slashes. `more` are options, and after `--`
    /// an application.
    private Process fetch(int enclave, List<String> names, String... more) throws IOException {
        List<String> command = new ArrayList<>(fetching(
                enclave,
                names.stream()
                        .map(name -> "--write=" + name + "=" + file(name.replace('/', '.')))
                        .toList()));
        command.addAll(List.of(more));
        return start(command);
    }

    private List<String> fetching(int enclave, List<String> writes) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                FetchingEnclave.class.getName(),
                file("platform"),
                Integer.toString(enclave),
                "fetch-secrets",
                "--service=s"));
        command.addAll(aecs());
        command.addAll(writes);
        return command;
    }

    private Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(folder.resolve("err.txt").toFile())
                .start();
    }

    private static int status(Process process) throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    private String errors() throws IOException {
        Path file = folder.resolve("err.txt");
        return Files.exists(file) ? Files.readString(file) : "";
    }

    private List<String> aecs() {
        return List.of(
                "--aecs=" + deployment.aecsEndpoint(),
                "--aecs-policy=" + folder.resolve("aecs-policy.json"),
                "--collateral=" + folder.resolve("collateral.json"));
    }

    private void admin(String... command) {
        List<String> all = new ArrayList<>(List.of(command));
        all.addAll(aecs());
        all.add("--key=" + file("admin.pem"));
        client(all.toArray(String[]::new));
    }

    private static String client(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = S3mlClient.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        assertThat(status).as(err.toString()).isZero();
        return out.toString();
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }
}
