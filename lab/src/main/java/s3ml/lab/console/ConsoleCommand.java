package s3ml.lab.console;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonString;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;
import s3ml.lab.serve.ComponentCache;
import s3ml.lab.serve.Folders;

/// `s3ml lab console`: the operator's console in a real browser, before a real control plane with a synthetic fleet.
@Command(
        name = "console",
        description = {
            "Measure the operator's console in a headless Chromium: first paint, bytes, work per update, memory,",
            "accessibility, errors. deploy/test/components axe fetches what it needs."
        },
        mixinStandardHelpOptions = true)
public final class ConsoleCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(names = "--hosts", paramLabel = "N", defaultValue = "1000", description = "default: ${DEFAULT-VALUE}")
    private int hosts;

    @Option(
            names = "--updates",
            paramLabel = "N",
            defaultValue = "30",
            description = "updates whose work is measured (default: ${DEFAULT-VALUE})")
    private int updates;

    @Option(
            names = "--memory-updates",
            paramLabel = "N",
            defaultValue = "600",
            description = "updates of a fleet of 100 between two looks at the memory; 3600 are an hour's; 0: none"
                    + " (default: ${DEFAULT-VALUE})")
    private int memoryUpdates;

    @Option(names = "--screenshots", paramLabel = "DIR", description = "write a picture of each view")
    private @Nullable Path screenshots;

    private ConsoleCommand() {}

    @Override
    public Integer call() throws Exception {
        Optional<String> axe = axe();
        if (axe.isEmpty()) {
            spec.commandLine().getErr().println("left out: axe-core is not in the cache: deploy/test/components axe");
        }
        Path folder = Files.createTempDirectory("s3ml-lab-console");
        try {
            ConsoleRun.Figures figures = ConsoleRun.measure(
                    new ConsoleRun.Options(hosts, updates, memoryUpdates, axe, Optional.ofNullable(screenshots)),
                    folder);
            print(figures);
            return figures.axeViolations().isEmpty() && figures.browserErrors().isEmpty() ? 0 : 1;
        } finally {
            Folders.remove(folder);
        }
    }

    /// axe-core from the cache of real components.
    static Optional<String> axe() throws IOException {
        Path file = ComponentCache.folder("axe").resolve("node_modules/axe-core/axe.min.js");
        return Files.exists(file) ? Optional.of(Files.readString(file)) : Optional.empty();
    }

    private void print(ConsoleRun.Figures figures) {
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted()) {
            json.print(JsonObject.builder()
                    .put("firstPaintMs", rounded(figures.firstPaintMs()))
                    .put("transferredKb", rounded(figures.transferredKb()))
                    .put("updateMs", rounded(figures.updateMs()))
                    .put("meanUpdateMs", rounded(figures.meanUpdateMs()))
                    .put("heapGrowthKb", rounded(figures.heapGrowthKb()))
                    .put("axeViolations", strings(figures.axeViolations()))
                    .put("browserErrors", strings(figures.browserErrors()))
                    .build());
        } else {
            out.printf(
                    "first paint        %6.0f ms%ntransferred        %6.0f kB%nwork per update    %6.1f ms at most, %.1f ms mean"
                            + " (%d hosts)%nmemory             %6.0f kB more after %d updates%n",
                    figures.firstPaintMs(),
                    figures.transferredKb(),
                    figures.updateMs(),
                    figures.meanUpdateMs(),
                    hosts,
                    figures.heapGrowthKb(),
                    memoryUpdates);
            figures.axeViolations().forEach(violation -> out.println("axe: " + violation));
            figures.browserErrors().forEach(error -> out.println("browser: " + error));
        }
        out.flush();
    }

    private static double rounded(double value) {
        return Math.rint(value * 10) / 10;
    }

    private static JsonArray strings(List<String> texts) {
        return new JsonArray(
                texts.stream().map(text -> (JsonValue) new JsonString(text)).toList());
    }
}
