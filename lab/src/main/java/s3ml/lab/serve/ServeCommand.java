package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;

/// `s3ml lab serve`: throughput, added latency and memory of the model server, beside the model alone.
@Command(
        name = "serve",
        description = {
            "Measure the model server over TLS and gRPC beside a bare loop over the same model, without attestation:",
            "throughput, added latency, memory, and what is left of it under five times the load."
        },
        mixinStandardHelpOptions = true)
public final class ServeCommand implements Callable<Integer> {
    @Option(names = "--model", paramLabel = "FILE", description = "a .tflite file; may be given several times")
    private List<Path> models = List.of();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "10",
            description = "of each measurement (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--threads", paramLabel = "N", description = "of each model (default: the number of processors)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(names = "--native", paramLabel = "DIR", description = "native libraries (default: those of the build)")
    private Path natives = Path.of(System.getProperty("s3ml.home", "."), "enclave", "server", "target", "native");

    @Option(names = "--json", description = "print one JSON document")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    private ServeCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        // Read when the library is first used; a child process gets it as an option.
        System.setProperty("java.library.path", natives.toAbsolutePath().toString());
        Path folder = Files.createTempDirectory("s3ml-lab-serve");
        try {
            JsonObject report = measure(folder);
            spec.commandLine().getOut().println(json ? Json.write(report) : Json.writePretty(report));
            return 0;
        } finally {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private JsonObject measure(Path folder) throws IOException, InterruptedException {
        Map<String, byte[]> served = new LinkedHashMap<>();
        for (Path model : models) {
            String name = model.getFileName()
                    .toString()
                    .replaceFirst("\\.tflite$", "")
                    .replaceAll("[^A-Za-z0-9]", "-");
            served.put(name, Files.readAllBytes(model));
        }
        X509Certificate authority = RunKeys.write(folder, served);
        Duration time = Duration.ofSeconds(seconds);
        List<JsonValue> rows = new ArrayList<>();
        double startSeconds;
        try (ServerUnderTest server = ServerUnderTest.start(folder, natives, threads, "")) {
            startSeconds = server.startSeconds();
            for (Map.Entry<String, byte[]> model : served.entrySet()) {
                rows.add(row(authority, server, model.getKey(), model.getValue(), time));
            }
        }
        return JsonObject.builder()
                .put("models", new JsonArray(rows))
                .put("startSeconds", rounded(startSeconds))
                .put("attested", false)
                .put("threads", threads)
                .build();
    }

    private JsonObject row(X509Certificate authority, ServerUnderTest server, String name, byte[] model, Duration time)
            throws IOException, InterruptedException {
        RawLoop.Result raw = RawLoop.run(model, threads, time);
        GrpcLoad load = new GrpcLoad(authority, server.grpcPort(), name, raw.input());
        GrpcLoad.Result alone = load.run(1, time);
        GrpcLoad.Result saturated = load.run(4, time);
        RawLoop.Result again = RawLoop.run(model, threads, time);
        double rawPerSecond = (raw.perSecond() + again.perSecond()) / 2;
        GrpcLoad.Result overload = load.run(20, time);
        return JsonObject.builder()
                .put("name", name)
                .put("securePerSecond", rounded(saturated.perSecond()))
                .put("rawPerSecond", rounded(rawPerSecond))
                .put("ratio", rounded(saturated.perSecond() / rawPerSecond))
                .put("p50Ms", rounded(alone.p50().toNanos() / 1e6))
                .put("addedP50Ms", rounded(alone.p50().toNanos() / 1e6 - raw.meanMillis()))
                .put("residentMb", rounded(server.residentMegabytes()))
                .put("overloadGoodputRatio", rounded(overload.perSecond() / saturated.perSecond()))
                .build();
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
