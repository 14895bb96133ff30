package s3ml.lab.oip;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import s3ml.attest.S3mlException;
import s3ml.lab.serve.Programs;

/// Clients that others wrote, each as a process of its own: tritonclient and kserve by scripts, curl and grpcurl by
/// their command lines.
final class OtherClients {
    private static final Pattern CODE = Pattern.compile("SRV-\\d+");
    private static final String INFER =
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4.5]}]}";
    private static final String TYPED = "{\"model_name\":\"%s\",\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],"
            + "\"datatype\":\"FP32\",\"contents\":{\"fp32_contents\":[1,2,3,4.5]}}]}";

    private final Path components;
    private final ProbedServer server;

    /// @param components as `deploy/test/components` fills it
    OtherClients(Path components, ProbedServer server) {
        this.components = components;
        this.server = server;
    }

    /// Rows that a script in the virtual environment of a component prints.
    List<Conformance.Row> script(String component, String name) throws IOException {
        Path python = present(components.resolve(component).resolve("bin/python"), component);
        Path script = Files.createTempFile("client", ".py");
        try (InputStream source = Objects.requireNonNull(OtherClients.class.getResourceAsStream(name))) {
            Files.write(script, source.readAllBytes());
            String output = Programs.tryRun(List.of(
                            python.toString(),
                            script.toString(),
                            Integer.toString(server.restPort()),
                            Integer.toString(server.grpcPort()),
                            server.authority().toString()))
                    .output();
            List<Conformance.Row> rows = new ArrayList<>();
            output.lines().forEach(line -> {
                String[] cells = line.split("\t", -1);
                if (cells.length == 4) {
                    rows.add(new Conformance.Row(cells[0], cells[1], cells[2], cells[3]));
                }
            });
            if (rows.isEmpty()) {
                throw new S3mlException(
                        "LAB-181",
                        "cannot run " + component,
                        output.strip(),
                        "run deploy/test/components " + component);
            }
            return rows;
        } finally {
            Files.delete(script);
        }
    }

    private static Path present(Path program, String component) {
        if (!Files.isExecutable(program)) {
            throw new S3mlException(
                    "LAB-182",
                    "cannot compare clients",
                    component + " is not at " + program,
                    "run deploy/test/components " + component);
        }
        return program;
    }

    /// An operation by its command line, and what the output of a right answer contains.
    private record Try(String operation, String expected, List<String> arguments) {
        static Try of(String operation, String expected, String... arguments) {
            return new Try(operation, expected, List.of(arguments));
        }
    }

    private static String outcome(String output, String expected) {
        if (Pattern.compile(expected).matcher(output).find()) {
            return "yes";
        }
        Matcher code = CODE.matcher(output);
        return code.find()
                ? "refused " + code.group()
                : "failed: " + output.strip().replaceAll("\\s+", " ");
    }

    /// curl over HTTP/1.1 and HTTP/2: both must come to the same.
    List<Conformance.Row> curl() throws IOException {
        List<Conformance.Row> rows = new ArrayList<>();
        for (Try attempt : List.of(
                Try.of("server live", "\"live\":true", "v2/health/live"),
                Try.of("server ready", "\"ready\":true", "v2/health/ready"),
                Try.of("model ready", "\"ready\":true", "v2/models/double/ready"),
                Try.of("server metadata", "statistics", "v2"),
                Try.of("model metadata", "\"FP32\"", "v2/models/double"),
                Try.of("model configuration", "max_batch_size", "v2/models/double/config"),
                Try.of("infer, tensors in JSON or typed", "\\[2.0,4.0,6.0,9.0]", "v2/models/double/infer", INFER),
                Try.of(
                        "infer, version and request id",
                        "\"id\":\"7\"",
                        "v2/models/double/versions/1/infer",
                        INFER.replaceFirst("\\{", "{\"id\":\"7\",")),
                Try.of("infer, absent model", "outputs", "v2/models/absent/infer", INFER),
                Try.of("statistics of a model", "inference_count", "v2/models/double/stats"),
                Try.of("statistics of all", "inference_count", "v2/models/stats"),
                Try.of("repository index", "\"READY\"", "v2/repository/index", "{}"),
                Try.of("unload", "^$", "v2/repository/models/spare/unload", "{}"),
                Try.of("load", "^$", "v2/repository/models/spare/load", "{}"),
                Try.of("system shared memory, status", "^\\[]$", "v2/systemsharedmemory/status"),
                Try.of("CUDA shared memory, status", "^\\[]$", "v2/cudasharedmemory/status"),
                Try.of("trace settings", "trace_level", "v2/trace/setting"),
                Try.of("log settings", "log_info", "v2/logging"),
                Try.of("TF Serving, model status", "AVAILABLE", "v1/models/double"),
                Try.of("TF Serving, metadata", "signature_def", "v1/models/double/metadata"),
                Try.of(
                        "TF Serving, predict",
                        "\\[2.0, ?4.0, ?6.0, ?9.0]",
                        "v1/models/double:predict",
                        "{\"inputs\":[[1,2,3,4.5]]}"))) {
            String first = outcome(curl("--http1.1", attempt.arguments()), attempt.expected());
            String second = outcome(curl("--http2", attempt.arguments()), attempt.expected());
            rows.add(new Conformance.Row(
                    "curl",
                    "REST",
                    attempt.operation(),
                    first.equals(second) ? first : first + ", by HTTP/2 " + second));
        }
        return rows;
    }

    private String curl(String version, List<String> arguments) throws IOException {
        Path program = present(Path.of("/usr/bin/curl"), "curl");
        List<String> command = new ArrayList<>(
                List.of(program.toString(), "--silent", "--show-error", "--compressed", version, "--cacert"));
        command.add(server.authority().toString());
        if (arguments.size() > 1) {
            command.addAll(List.of("--data", arguments.get(1)));
        }
        command.add("https://localhost:" + server.restPort() + "/" + arguments.getFirst());
        return Programs.tryRun(command).output();
    }

    /// grpcurl, which knows the messages by reflection only.
    List<Conformance.Row> grpcurl() throws IOException {
        List<Conformance.Row> rows = new ArrayList<>();
        for (Try attempt : List.of(
                Try.of("reflection", "inference.GRPCInferenceService", "list"),
                Try.of("gRPC health", "\"SERVING\"", "grpc.health.v1.Health/Check"),
                call("server live", "true", "ServerLive", "{}"),
                call("server ready", "true", "ServerReady", "{}"),
                call("model ready", "true", "ModelReady", "{\"name\":\"double\"}"),
                call("server metadata", "statistics", "ServerMetadata", "{}"),
                call("model metadata", "FP32", "ModelMetadata", "{\"name\":\"double\"}"),
                call("model configuration", "tensorflow_lite", "ModelConfig", "{\"name\":\"double\"}"),
                call("infer, tensors in JSON or typed", "2,\\s*4,\\s*6,\\s*9", "ModelInfer", TYPED.formatted("double")),
                call("infer, stream", "2,\\s*4,\\s*6,\\s*9", "ModelStreamInfer", TYPED.formatted("double")),
                call("infer, absent model", "outputs", "ModelInfer", TYPED.formatted("absent")),
                call(
                        "statistics of a model",
                        "inferenceStats|inference_stats",
                        "ModelStatistics",
                        "{\"name\":\"double\"}"),
                call("statistics of all", "inferenceStats|inference_stats", "ModelStatistics", "{}"),
                call("repository index", "READY", "RepositoryIndex", "{}"),
                call("unload", "^\\{\\s*}\\s*$", "RepositoryModelUnload", "{\"model_name\":\"spare\"}"),
                call("load", "^\\{\\s*}\\s*$", "RepositoryModelLoad", "{\"model_name\":\"spare\"}"),
                call("system shared memory, status", "^\\{\\s*}\\s*$", "SystemSharedMemoryStatus", "{}"),
                call(
                        "system shared memory, register",
                        "^\\{\\s*}\\s*$",
                        "SystemSharedMemoryRegister",
                        "{\"name\":\"r\"}"),
                call("system shared memory, unregister", "^\\{\\s*}\\s*$", "SystemSharedMemoryUnregister", "{}"),
                call("CUDA shared memory, status", "^\\{\\s*}\\s*$", "CudaSharedMemoryStatus", "{}"),
                call("CUDA shared memory, register", "^\\{\\s*}\\s*$", "CudaSharedMemoryRegister", "{\"name\":\"r\"}"),
                call("CUDA shared memory, unregister", "^\\{\\s*}\\s*$", "CudaSharedMemoryUnregister", "{}"),
                call("trace settings", "trace_level", "TraceSetting", "{}"),
                call("log settings", "log_info", "LogSettings", "{}"))) {
            Path program = present(components.resolve("grpcurl/bin/grpcurl"), "grpcurl");
            List<String> command = new ArrayList<>(List.of(program.toString(), "-cacert"));
            command.add(server.authority().toString());
            if (attempt.arguments().size() > 1) {
                command.addAll(List.of("-d", attempt.arguments().get(1)));
            }
            command.add("localhost:" + server.grpcPort());
            command.add(attempt.arguments().getFirst());
            rows.add(new Conformance.Row(
                    "grpcurl",
                    "gRPC",
                    attempt.operation(),
                    outcome(Programs.tryRun(command).output(), attempt.expected())));
        }
        return rows;
    }

    private static Try call(String operation, String expected, String method, String message) {
        return Try.of(operation, expected, "inference.GRPCInferenceService/" + method, message);
    }
}
