package s3ml.sim.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.cli.S3mlClient;
import s3ml.client.image.Pictures;
import s3ml.client.image.SceneDrawing;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// Traces that join the command line, the AECS and a model server, each a process of its own.
final class TraceIT {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static Path files;
    private static Deployment deployment;
    private static Deployment.AecsSession aecs;
    private static EnclaveSpec spec;
    private static JsonObject config;
    private static PlatformControl.Enclave server;

    @BeforeAll
    static void start(@TempDir Path folder, @TempDir Path scratch) throws Exception {
        files = scratch;
        deployment = Deployment.start(Distribution.at(Rig.HOME), folder);
        aecs = deployment.startAecs(deployment
                .aecsConfig(deployment.sqlite())
                .put("traceFile", scratch.resolve("aecs.jsonl").toString())
                .build());
        Deployment.Service service = aecs.createService("detector");
        spec = deployment.serverSpec();
        deployment.admit(service, spec);
        deployment.addModel(service, Rig.HOME.resolve("sim/target/models/FreightFrenzy_BCDM.tflite"), "detector");
        config = deployment
                .serverConfig(service, Deployment.Ports.CHOSEN_BY_SYSTEM)
                .put("traceFile", scratch.resolve("server.jsonl").toString())
                .build();
        server = deployment.startServer("server", spec, config).join();
    }

    @AfterAll
    static void end() {
        aecs.close();
        deployment.close();
    }

    @Test
    void one_trace_id_stands_in_the_clients_report_the_lines_of_the_AECS_and_the_spans_of_both() throws Exception {
        Path scene = files.resolve("scene.png");
        Pictures.writePng(SceneDrawing.draw(), scene);

        JsonObject report = infer(scene, "00-" + TRACE + "-" + CALLER + "-01");

        assertThat(report.string("trace")).isEqualTo(TRACE);
        assertThat(report.array("detections").objects()).isNotEmpty();
        assertThat(lines("aecs", TRACE))
                .extracting(line -> line.string("event"))
                .containsExactly("described");
        assertThat(spans("aecs.jsonl", TRACE, 2))
                .extracting(span -> span.string("name"))
                .containsExactly("Attest", "DescribeService");
        JsonObject inference = spans("server.jsonl", TRACE, 1).getFirst();
        assertThat(inference.string("name")).isEqualTo("infer");
        assertThat(spans("aecs.jsonl", TRACE, 2))
                .extracting(span -> span.string("parentSpanId"))
                .containsOnly(CALLER);
        assertThat(inference.string("parentSpanId")).isEqualTo(CALLER);
    }

    @Test
    void a_caller_that_does_not_record_has_its_line_and_no_span() throws Exception {
        String quiet = "11111111111111111111111111111111";
        Path scene = files.resolve("quiet.png");
        Pictures.writePng(SceneDrawing.draw(), scene);

        infer(scene, "00-" + quiet + "-" + CALLER + "-00");

        assertThat(lines("aecs", quiet)).hasSize(1);
        for (String file : List.of("aecs.jsonl", "server.jsonl")) {
            assertThat(Files.readString(files.resolve(file))).doesNotContain(quiet);
        }
    }

    @Test
    void a_lease_and_a_refusal_bear_the_same_trace_id_at_the_server_and_at_the_AECS() throws Exception {
        JsonObject leased = line("server", "leased").orElseThrow();
        JsonObject released = lines("aecs", leased.string("trace")).getFirst();

        assertThat(released.string("event")).isEqualTo("released");
        assertThat(released.string("lease")).isEqualTo(leased.string("serial"));
        JsonObject asking = spans("server.jsonl", leased.string("trace"), 1).getFirst();
        assertThat(asking.string("name")).isEqualTo("lease");
        assertThat(spans("aecs.jsonl", leased.string("trace"), 3))
                .allMatch(span -> span.string("parentSpanId").equals(asking.string("spanId")))
                .extracting(span -> span.string("name"))
                .containsExactly("Attest", "Challenge", "Release");

        EnclaveSpec other = Rig.withOneByteChanged(spec, files);
        var unused = deployment.startServer("stranger", other, config);
        Rig.awaitLog(deployment, "stranger", "no lease");
        JsonObject refused = line("stranger", "no lease").orElseThrow();

        assertThat(lines("aecs", refused.string("trace")).getFirst().string("event"))
                .isEqualTo("release-refused");
        assertThat(spans("aecs.jsonl", refused.string("trace"), 3).getLast().toString())
                .contains("AECS-210");
        deployment.control().kill("stranger");
    }

    private static JsonObject infer(Path scene, String traceparent) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = S3mlClient.run(
                new PrintWriter(out),
                new PrintWriter(err),
                "infer",
                "--json",
                "--accept-simulated",
                "--service=detector",
                "--model=detector",
                "--aecs=" + aecs.endpoint(),
                "--aecs-policy=" + deployment.folder().resolve("aecs-policy.json"),
                "--pccs=" + deployment.pccs(),
                "--endpoint=127.0.0.1:" + server.ready().number("grpcPort"),
                "--image=" + scene,
                "--traceparent=" + traceparent);
        assertThat(status).as(err.toString()).isZero();
        return Json.parseObject(out.toString());
    }

    private static List<JsonObject> log(String enclave) throws Exception {
        return Files.readAllLines(deployment.folder().resolve("platform/logs").resolve(enclave + ".log")).stream()
                .filter(line -> line.startsWith("{"))
                .map(Json::parseObject)
                .toList();
    }

    private static List<JsonObject> lines(String enclave, String trace) throws Exception {
        return log(enclave).stream()
                .filter(line -> line.optionalString("trace").equals(Optional.of(trace)))
                .toList();
    }

    private static Optional<JsonObject> line(String enclave, String event) throws Exception {
        return log(enclave).stream()
                .filter(line -> line.optionalString("event").equals(Optional.of(event)))
                .findFirst();
    }

    /// Spans of a trace, once there are so many.
    private static List<JsonObject> spans(String file, String trace, int count) throws Exception {
        Instant end = Instant.now().plus(PATIENCE);
        List<JsonObject> spans = List.of();
        while (spans.size() < count && Instant.now().isBefore(end)) {
            Thread.sleep(50);
            spans = Files.readAllLines(files.resolve(file)).stream()
                    .filter(line -> line.endsWith("}"))
                    .map(Json::parseObject)
                    .map(TraceIT::span)
                    .filter(span -> span.string("traceId").equals(trace))
                    .toList();
        }
        assertThat(spans).hasSize(count);
        return spans;
    }

    private static JsonObject span(JsonObject line) {
        return line.array("resourceSpans")
                .objects()
                .getFirst()
                .array("scopeSpans")
                .objects()
                .getFirst()
                .array("spans")
                .objects()
                .getFirst();
    }
}
