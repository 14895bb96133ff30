package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.tflite.Models;

/// Clients that others wrote, unchanged, over TLS with the service's CA. They lie in the folder that `s3ml.components`
/// names; `deploy/test/components` puts them there.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class RealClientsIT {
    private static final String INFER =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";

    private final Path components = Path.of(System.getProperty("s3ml.components", "."));
    private TestServer server;
    private String authority;

    @BeforeAll
    void start() throws Exception {
        server = new TestServer(Map.of());
        server.pack("double", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("words", "1", Models.identity(TensorType.STRING, 2));
        server.pack("spare", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.release();
        authority = server.authorityFile().toString();
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    private record Outcome(int status, String output) {}

    private static Outcome run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return new Outcome(process.exitValue(), output);
    }

    private Outcome script(String component, String name) throws Exception {
        Path python = components.resolve(component).resolve("bin").resolve("python");
        Assumptions.assumeTrue(Files.isExecutable(python), component + " is not among the components");
        Path script = Files.createTempFile("client", ".py");
        try (InputStream source = Objects.requireNonNull(getClass().getResourceAsStream("/clients/" + name))) {
            Files.write(script, source.readAllBytes());
            return run(List.of(
                    python.toString(),
                    script.toString(),
                    Integer.toString(server.restPort()),
                    Integer.toString(server.grpcPort()),
                    authority));
        } finally {
            Files.delete(script);
        }
    }

    @Test
    void tritonclient_finds_all_it_asks_for() throws Exception {
        Outcome outcome = script("tritonclient", "triton.py");

        assertThat(outcome.output()).contains("ok grpc.aio twenty at once").doesNotContain("FAILED");
        assertThat(outcome.status()).as(outcome.output()).isZero();
    }

    @Test
    void the_kserve_client_finds_all_it_asks_for() throws Exception {
        Outcome outcome = script("kserve", "kserve_client.py");

        assertThat(outcome.output()).contains("ok grpc infer").doesNotContain("FAILED");
        assertThat(outcome.status()).as(outcome.output()).isZero();
    }

    @Test
    void curl_gets_answers_over_both_versions_of_HTTP() throws Exception {
        for (String version : new String[] {"--http1.1", "--http2"}) {
            Outcome outcome = run(List.of(
                    tool("curl"),
                    "--silent",
                    "--show-error",
                    "--compressed",
                    version,
                    "--cacert",
                    authority,
                    "--data",
                    INFER,
                    server.uri("/v2/models/double/infer").toString()));
            assertThat(outcome.output()).contains("[2.0,4.0,6.0,9.0]");
        }
    }

    @Test
    void grpcurl_finds_the_service_by_reflection() throws Exception {
        Path grpcurl = components.resolve("grpcurl/bin/grpcurl");
        Assumptions.assumeTrue(Files.isExecutable(grpcurl), "grpcurl is not among the components");
        String address = "localhost:" + server.grpcPort();

        Outcome list = run(List.of(grpcurl.toString(), "-cacert", authority, address, "list"));
        Outcome infer = run(List.of(
                grpcurl.toString(),
                "-cacert",
                authority,
                "-d",
                "{\"model_name\":\"double\",\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1,4],"
                        + "\"contents\":{\"fp32_contents\":[1,2,3,4.5]}}]}",
                address,
                "inference.GRPCInferenceService/ModelInfer"));
        Outcome health = run(List.of(grpcurl.toString(), "-cacert", authority, address, "grpc.health.v1.Health/Check"));

        assertThat(list.output()).contains("inference.GRPCInferenceService");
        assertThat(infer.output()).containsPattern("\"fp32_contents\": \\[\\s*2,\\s*4,\\s*6,\\s*9\\s*\\]");
        assertThat(health.output()).contains("SERVING");
    }

    @Test
    void h2load_gets_every_request_answered() throws Exception {
        Path body = Files.writeString(Files.createTempFile("infer", ".json"), INFER);
        try {
            for (String version : new String[] {"--npn-list=h2", "--h1"}) {
                Outcome outcome = run(List.of(
                        tool("h2load"),
                        version,
                        "-n",
                        "500",
                        "-c",
                        "4",
                        "-m",
                        version.equals("--h1") ? "1" : "8",
                        "-d",
                        body.toString(),
                        server.uri("/v2/models/double/infer").toString()));
                assertThat(outcome.output()).contains("500 succeeded, 0 failed, 0 errored");
            }
        } finally {
            Files.delete(body);
        }
    }

    @Test
    void perf_analyzer_measures_by_both_protocols() throws Exception {
        Path program = components.resolve("perf-analyzer/bin/perf_analyzer");
        Assumptions.assumeTrue(Files.isExecutable(program), "perf-analyzer is not among the components");

        Outcome grpc = run(List.of(
                program.toString(),
                "-m",
                "double",
                "-i",
                "grpc",
                "-u",
                "localhost:" + server.grpcPort(),
                "--ssl-grpc-use-ssl",
                "true",
                "--ssl-grpc-root-certifications-file",
                authority,
                "--request-count",
                "200",
                "--concurrency-range",
                "4"));
        Outcome rest = run(List.of(
                program.toString(),
                "-m",
                "double",
                "-i",
                "http",
                "-u",
                "https://localhost:" + server.restPort(),
                "--ssl-https-verify-peer",
                "1",
                "--ssl-https-verify-host",
                "2",
                "--ssl-https-ca-certificates-file",
                authority,
                "--request-count",
                "200",
                "--concurrency-range",
                "4"));

        for (Outcome outcome : List.of(grpc, rest)) {
            assertThat(outcome.status()).as(outcome.output()).isZero();
            // Its client counts what was answered, and the server's statistics, which it asks for, say the same.
            assertThat(outcome.output())
                    .containsPattern("Request count: [1-9]")
                    .containsPattern("Inference count: [1-9]");
        }
    }

    private static String tool(String name) throws IOException {
        Path file = Path.of("/usr/bin", name);
        Assumptions.assumeTrue(Files.isExecutable(file), name + " is not installed");
        return file.toString();
    }
}
