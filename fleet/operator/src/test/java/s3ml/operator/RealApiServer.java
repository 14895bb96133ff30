package s3ml.operator;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// A real API server with its etcd on loopback: everything of Kubernetes but nodes. Needs no rights.
final class RealApiServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final Path folder;
    private final Path program;
    private final int port;
    private final String token = UUID.randomUUID().toString();
    private final List<Process> processes = new ArrayList<>();

    private RealApiServer(Path folder, Path program, int port) {
        this.folder = folder;
        this.program = program;
        this.port = port;
    }

    /// Starts one in that folder from the program that `deploy/test/kubernetes/build` makes.
    static RealApiServer start(Path folder, Path program) throws IOException, InterruptedException {
        int[] ports = freePorts(3);
        RealApiServer server = new RealApiServer(folder, program, ports[0]);
        String etcd = "http://127.0.0.1:" + ports[1];
        String peers = "http://127.0.0.1:" + ports[2];
        Files.writeString(folder.resolve("tokens.csv"), server.token + ",admin,admin,system:masters\n");
        Files.writeString(folder.resolve("accounts.pem"), accountKey());
        server.run(
                "etcd",
                "--data-dir",
                folder.resolve("etcd").toString(),
                "--listen-client-urls",
                etcd,
                "--advertise-client-urls",
                etcd,
                "--listen-peer-urls",
                peers,
                "--initial-advertise-peer-urls",
                peers,
                "--initial-cluster",
                "default=" + peers,
                "--unsafe-no-fsync");
        server.run(
                "kube-apiserver",
                "--etcd-servers=" + etcd,
                "--cert-dir=" + folder.resolve("certificates"),
                "--secure-port=" + ports[0],
                "--bind-address=127.0.0.1",
                "--service-cluster-ip-range=10.96.0.0/24",
                "--authorization-mode=RBAC",
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + folder.resolve("accounts.pem"),
                "--service-account-signing-key-file=" + folder.resolve("accounts.pem"),
                "--disable-admission-plugins=ServiceAccount");
        server.awaitReady();
        return server;
    }

    /// What a client needs to be its admin.
    Config config() {
        return config(token);
    }

    /// What a client needs to be the bearer of that token.
    Config config(String bearer) {
        return new ConfigBuilder(Config.empty())
                .withMasterUrl("https://127.0.0.1:" + port)
                .withCaCertFile(folder.resolve("certificates/apiserver.crt").toString())
                .withOauthToken(bearer)
                .withNamespace("default")
                .build();
    }

    private void awaitReady() throws InterruptedException {
        Instant until = Instant.now().plus(PATIENCE);
        while (!isReady()) {
            if (Instant.now().isAfter(until) || processes.stream().anyMatch(process -> !process.isAlive())) {
                close();
                throw new IllegalStateException("the API server is not ready; its log is in " + folder);
            }
            Thread.sleep(200);
        }
    }

    private boolean isReady() {
        if (!Files.exists(folder.resolve("certificates/apiserver.crt"))) {
            return false;
        }
        try (KubernetesClient client =
                new KubernetesClientBuilder().withConfig(config()).build()) {
            return "ok".equals(client.raw("/readyz"))
                    && client.namespaces().withName("default").get() != null;
        } catch (KubernetesClientException e) {
            return false;
        }
    }

    private void run(String... command) throws IOException {
        List<String> all = new ArrayList<>();
        all.add(program.toString());
        all.addAll(List.of(command));
        processes.add(new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(command[0] + ".log").toFile())
                .start());
    }

    private static String accountKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder()
                            .encodeToString(
                                    generator.generateKeyPair().getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has RSA", e);
        }
    }

    private static int[] freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        int[] ports = new int[count];
        for (int i = 0; i < count; i++) {
            ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
            held.add(socket);
            ports[i] = socket.getLocalPort();
        }
        for (ServerSocket socket : held) {
            socket.close();
        }
        return ports;
    }

    @Override
    public void close() {
        for (Process process : processes.reversed()) {
            process.destroy();
            try {
                if (!process.waitFor(10, TimeUnit.SECONDS)) {
                    process.destroyForcibly().waitFor();
                }
            } catch (InterruptedException e) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }
    }
}
