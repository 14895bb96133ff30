package s3ml.lab.emulated;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;

/// A real Envoy that fetches all it knows from a control plane.
///
/// @param child the process
/// @param listener its port for the model
public record EnvoyProcess(Child child, int listener) implements AutoCloseable {
    private static final long PATIENCE_NANOS = 30_000_000_000L;

    /// The program as `deploy/test/components envoy` puts it; empty when it was not fetched.
    public static Optional<Path> program(Path components) throws IOException {
        if (!Files.isDirectory(components)) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.walk(components, 8)) {
            return files.filter(file -> file.endsWith("envoy/_bin/envoy")).findFirst();
        }
    }

    /// A port that is free now.
    public static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /// Starts it and waits until its listener takes connections.
    ///
    /// @param xdsPort of the control plane
    /// @throws S3mlException LAB-132 when it takes none in time
    public static EnvoyProcess start(Path program, Path folder, int xdsPort, int listener)
            throws IOException, InterruptedException {
        return start(program, folder, xdsPort, "", listener);
    }

    /// As the other, with a cluster and listeners of its own beside those of the control plane.
    ///
    /// @param own YAML that goes on where the static clusters end
    public static EnvoyProcess start(Path program, Path folder, int xdsPort, String own, int listener)
            throws IOException, InterruptedException {
        Path bootstrap = folder.resolve("envoy.yaml");
        Files.writeString(bootstrap, """
                node: {id: lab, cluster: lab}
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
                """.formatted(xdsPort) + own);
        Child child = Child.program(
                folder.resolve("envoy.log"),
                program.toString(),
                "-c",
                bootstrap.toString(),
                "--concurrency",
                "1",
                "--use-dynamic-base-id",
                "-l",
                "warning");
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (System.nanoTime() - end < 0) {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), listener), 1000);
                return new EnvoyProcess(child, listener);
            } catch (IOException notYet) {
                Thread.sleep(50);
            }
        }
        child.close();
        throw new S3mlException(
                "LAB-132",
                "Envoy takes no connections",
                "port " + listener + " was refused for 30 s",
                "see " + folder.resolve("envoy.log"));
    }

    @Override
    public void close() {
        child.close();
    }
}
