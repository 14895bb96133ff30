package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.lite.schema.TensorType;
import s3ml.protocol.SealedBody;
import s3ml.server.tflite.Models;

/// Real proxies that end TLS and write down whatever passes them: of a plain request they see all, of a sealed one
/// nothing.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class SealedProxyIT {
    /// In the body of each request, and so in its answer.
    private static final String MARK = "patient-4711";

    private static final String TOKEN = "token-0123456789abcdef0123456789";
    private static final String PATH = "/v2/models/double/infer";
    private static final String INFER = "{\"id\":\"" + MARK
            + "\",\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";

    @TempDir
    private Path folder;

    private TestServer server;
    private @Nullable Process proxy;
    private int port;

    @BeforeEach
    void start() throws Exception {
        server = new TestServer(Map.of()).with("double", Models.doubling(TensorType.FLOAT32, 1, 4));
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = probe.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws Exception {
        if (proxy != null) {
            proxy.destroy();
            proxy.waitFor(20, TimeUnit.SECONDS);
        }
        server.close();
    }

    @Test
    void nginx_sees_nothing_of_a_sealed_body() throws Exception {
        Path program = Path.of("/usr/sbin/nginx");
        Assumptions.assumeTrue(Files.isExecutable(program), "nginx is not installed");
        Path config = Files.writeString(
                folder.resolve("nginx.conf"), """
                daemon off; master_process off; worker_processes 1;
                error_log %1$s/error.log; pid %1$s/nginx.pid;
                events {}
                http {
                  log_format all escape=json '{"uri":"$request_uri","token":"$http_authorization","body":"$request_body"}';
                  access_log %1$s/seen.log all;
                  client_body_buffer_size 1m;
                  client_body_temp_path %1$s/a; proxy_temp_path %1$s/b; fastcgi_temp_path %1$s/c;
                  uwsgi_temp_path %1$s/d; scgi_temp_path %1$s/e;
                  server {
                    listen 127.0.0.1:%2$d;
                    location / {
                      proxy_pass https://127.0.0.1:%3$d;
                      proxy_http_version 1.1;
                      proxy_ssl_protocols TLSv1.3;
                      proxy_ssl_trusted_certificate %4$s;
                      proxy_ssl_verify on; proxy_ssl_name localhost;
                    }
                  }
                }
                """.formatted(folder, port, server.restPort(), server.authorityFile()));
        run(program.toString(), "-p", folder.toString(), "-c", config.toString());

        plain();
        assertThat(Files.readString(folder.resolve("seen.log"), StandardCharsets.ISO_8859_1))
                .contains(MARK, PATH);
        Files.writeString(folder.resolve("seen.log"), "");
        sealed();
        assertThat(Files.readString(folder.resolve("seen.log"), StandardCharsets.ISO_8859_1))
                .contains(PATH)
                .doesNotContain(MARK, TOKEN, "FP32", "inputs");
    }

    @Test
    void Envoy_sees_nothing_of_a_sealed_body_nor_of_its_answer() throws Exception {
        Path config = Files.writeString(
                folder.resolve("envoy.yaml"), """
                static_resources:
                  listeners:
                  - address: {socket_address: {address: 127.0.0.1, port_value: %2$d}}
                    filter_chains:
                    - filters:
                      - name: envoy.filters.network.http_connection_manager
                        typed_config:
                          "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                          stat_prefix: proxy
                          route_config:
                            virtual_hosts:
                            - {name: all, domains: ["*"], routes: [{match: {prefix: "/"}, route: {cluster: replica}}]}
                          http_filters:
                          - name: envoy.filters.http.tap
                            typed_config:
                              "@type": type.googleapis.com/envoy.extensions.filters.http.tap.v3.Tap
                              common_config:
                                static_config:
                                  match: {any_match: true}
                                  output_config:
                                    max_buffered_rx_bytes: 1048576
                                    max_buffered_tx_bytes: 1048576
                                    sinks: [{format: JSON_BODY_AS_BYTES, file_per_tap: {path_prefix: %1$s/tap}}]
                          - name: envoy.filters.http.router
                            typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}
                  clusters:
                  - name: replica
                    type: STATIC
                    load_assignment:
                      cluster_name: replica
                      endpoints:
                      - lb_endpoints:
                        - endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %3$d}}}
                    transport_socket:
                      name: envoy.transport_sockets.tls
                      typed_config:
                        "@type": type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext
                        sni: localhost
                        common_tls_context:
                          tls_params: {tls_minimum_protocol_version: TLSv1_3, tls_maximum_protocol_version: TLSv1_3}
                          validation_context: {trusted_ca: {filename: %4$s}}
                """.formatted(folder, port, server.restPort(), server.authorityFile()));
        run(envoy().toString(), "-c", config.toString(), "--concurrency", "1", "--base-id", Integer.toString(port));

        plain();
        assertThat(tapped()).contains(MARK, "\"outputs\"");
        sealed();
        assertThat(tapped()).contains(PATH).doesNotContain(MARK, TOKEN, "FP32", "\"outputs\"");
    }

    private void run(String... command) throws Exception {
        Process started = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("proxy.out").toFile())
                .start();
        proxy = started;
        for (int wait = 0; wait < 300; wait++) {
            assertThat(started.isAlive())
                    .as(() -> output("proxy.out") + output("error.log"))
                    .isTrue();
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(probe.isConnected()).isTrue();
                return;
            } catch (IOException notYet) {
                Thread.sleep(50);
            }
        }
        throw new AssertionError("the proxy does not listen: " + output("proxy.out"));
    }

    private String output(String name) {
        try {
            return Files.readString(folder.resolve(name));
        } catch (IOException none) {
            return "";
        }
    }

    private HttpResponse<byte[]> post(HttpRequest.Builder request, byte[] body) throws Exception {
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    request.POST(HttpRequest.BodyPublishers.ofByteArray(body)).build(),
                    HttpResponse.BodyHandlers.ofByteArray());
        }
    }

    private HttpRequest.Builder request() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + PATH));
    }

    private void plain() throws Exception {
        HttpResponse<byte[]> answer = post(request(), INFER.getBytes(StandardCharsets.UTF_8));

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains(MARK);
    }

    private void sealed() throws Exception {
        SealedBody.Content content = new SealedBody.Content(SealedBody.JSON_ONLY, ByteString.copyFromUtf8(INFER));
        SealedBody.Target target = new SealedBody.Target("POST", PATH, "double");
        try (SealedBody.SealedRequest sealed =
                SealedBody.seal(server.hpkeKey().config(), target, content, "Bearer " + TOKEN, Instant.now())) {
            HttpResponse<byte[]> answer = post(
                    request().header("content-type", SealedBody.MEDIA_TYPE),
                    sealed.bytes().toByteArray());

            // The server knows no tokens and says so, inside the sealed answer.
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(sealed.open(401, ByteString.copyFrom(answer.body()))
                            .body()
                            .toStringUtf8())
                    .contains("SRV-242");
        }
        try (SealedBody.SealedRequest sealed =
                SealedBody.seal(server.hpkeKey().config(), target, content, Instant.now())) {
            HttpResponse<byte[]> answer = post(
                    request().header("content-type", SealedBody.MEDIA_TYPE),
                    sealed.bytes().toByteArray());

            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(sealed.open(200, ByteString.copyFrom(answer.body()))
                            .body()
                            .toStringUtf8())
                    .contains(MARK, "[2.0,4.0,6.0,9.0]");
        }
    }

    /// What Envoy wrote down since the last call, bodies decoded.
    private String tapped() throws Exception {
        StringBuilder seen = new StringBuilder();
        for (int wait = 0; wait < 100 && seen.indexOf(PATH) < 0; wait++) {
            Thread.sleep(50);
            for (Path file : taps()) {
                String text = Files.readString(file);
                String bodies = Pattern.compile("\"as_bytes\":\\s*\"([^\"]*)\"")
                        .matcher(text)
                        .results()
                        .map(SealedProxyIT::decoded)
                        .collect(Collectors.joining("\n"));
                seen.append(text).append(bodies);
                Files.delete(file);
            }
        }
        return seen.toString();
    }

    private static String decoded(MatchResult body) {
        return new String(Base64.getDecoder().decode(body.group(1)), StandardCharsets.ISO_8859_1);
    }

    private List<Path> taps() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith("tap"))
                    .toList();
        }
    }

    private static Path envoy() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("s3ml.components")))) {
            List<Path> found =
                    files.filter(file -> file.endsWith("envoy/_bin/envoy")).toList();
            Assumptions.assumeFalse(found.isEmpty(), "Envoy is not among the components");
            return found.getFirst();
        }
    }
}
