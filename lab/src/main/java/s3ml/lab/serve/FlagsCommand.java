package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;
import s3ml.lab.options.Rounded;

/// `s3ml lab flags`: the resident set and the start of the model server with each option of its JVM left out.
@Command(
        name = "flags",
        description = {
            "Start the model server with the detector, attested (SIMULATED platform), once with all options of its JVM and",
            "once without each group of them; print resident memory after some requests, and the seconds of the start."
        },
        mixinStandardHelpOptions = true)
public final class FlagsCommand implements Callable<Integer> {
    @Option(
            names = "--requests",
            paramLabel = "N",
            defaultValue = "200",
            description = "after which the memory is read (default: ${DEFAULT-VALUE})")
    private int requests;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "starts of each, of which the median is reported (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    private FlagsCommand() {}

    /// Options that are left out together.
    ///
    /// @param prefixes of the options
    private record Group(String name, List<String> prefixes) {}

    private static final List<Group> GROUPS = List.of(
            new Group("nothing", List.of()),
            new Group("first compiler only", List.of("-XX:TieredStopAtLevel")),
            new Group("serial collector", List.of("-XX:+UseSerialGC")),
            new Group("sizes of the heap", List.of("-Xms", "-Xmn", "-XX:MinHeapFreeRatio", "-XX:MaxHeapFreeRatio")),
            new Group("stacks and code cache", List.of("-Xss", "-XX:ReservedCodeCacheSize")),
            new Group("trimming of the allocator", List.of("-XX:TrimNativeHeapInterval")),
            new Group("archive of classes", List.of("-Xshare", "-XX:SharedArchiveFile", "-XX:ArchiveRelocationMode")));

    @Override
    public Integer call() throws IOException {
        Path home = Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath();
        List<JsonValue> rows = new ArrayList<>();
        try (ServingRig rig = ServingRig.start(home)) {
            Path model = ServeModels.detector(rig.distribution());
            for (Group group : GROUPS) {
                List<String> gone = rig.options().stream()
                        .filter(option -> group.prefixes().stream().anyMatch(option::startsWith))
                        .toList();
                if (gone.isEmpty() && !group.prefixes().isEmpty()) {
                    continue;
                }
                spec.commandLine().getErr().println("without: " + group.name() + " " + gone);
                rows.add(row(rig.without(gone), group.name(), gone, model));
            }
        }
        JsonObject report = JsonObject.builder()
                .put("leftOut", new JsonArray(rows))
                .put("requests", requests)
                .put("rounds", rounds)
                .put("simulated", true)
                .build();
        json.printAlways(report);
        return 0;
    }

    private JsonObject row(ServingRig.Build build, String name, List<String> gone, Path model) throws IOException {
        ServingRig.Hosted service = build.service(Map.of(ServeModels.DETECTOR, model));
        List<Double> memory = new ArrayList<>();
        List<Double> starts = new ArrayList<>();
        for (int i = 0; i < rounds; i++) {
            try (ServedEnclave server = service.start(Runtime.getRuntime().availableProcessors(), Optional.empty())) {
                starts.add((System.nanoTime() - server.began()) / 1e9);
                LoadTarget target = LoadTarget.grpc(
                        server.grpcAuthority(),
                        server.input(ServeModels.DETECTOR),
                        build.folder().resolve("flags.request"));
                HttpLoad.send(target, 2, requests);
                memory.add(server.usage().residentMb());
            }
        }
        return JsonObject.builder()
                .put("name", name)
                .put("options", JsonArray.ofStrings(gone))
                .put("residentMb", Rounded.thousandth(Figures.median(memory)))
                .put("startSeconds", Rounded.thousandth(Figures.median(starts)))
                .build();
    }
}
