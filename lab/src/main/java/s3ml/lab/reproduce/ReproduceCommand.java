package s3ml.lab.reproduce;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;
import s3ml.lab.serve.Folders;

/// `s3ml lab reproduce`: whether two people who build the same commit get the same bytes.
@Command(
        name = "reproduce",
        description = {
            "Build two clean clones of the present commit in two folders, with other user names, time zones, locales,",
            "umasks and dates, and compare jars, native libraries, run-time images, OCI images, the model server's folder,",
            "reference values, SBOM."
        },
        mixinStandardHelpOptions = true)
public final class ReproduceCommand implements Callable<Integer> {
    private static final int DIFFERENT = 1;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--repository",
            paramLabel = "DIR",
            description = "the git repository whose HEAD is built (default: the one of this command)")
    private @Nullable Path repository;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "build there and leave everything (default: a temporary folder, removed at the end)")
    private @Nullable Path keep;

    /// For picocli.
    public ReproduceCommand() {}

    @Override
    public Integer call() throws IOException {
        Path source = repository == null ? Path.of(System.getProperty("s3ml.home", ".")) : repository;
        Path scratch = keep == null ? Files.createTempDirectory("s3ml-reproduce") : Files.createDirectories(keep);
        scratch = scratch.toAbsolutePath();
        try {
            List<Map<String, String>> results = new ArrayList<>();
            for (Variation variation : Variation.ALL) {
                spec.commandLine().getErr().println("building: " + variation.told());
                results.add(CleanBuild.of(source.toAbsolutePath(), variation, scratch)
                        .artifacts());
            }
            return report(results.getFirst(), results.getLast());
        } finally {
            if (keep == null) {
                Folders.remove(scratch);
            }
        }
    }

    private int report(Map<String, String> one, Map<String, String> other) {
        TreeSet<String> paths = new TreeSet<>(one.keySet());
        paths.addAll(other.keySet());
        List<String> different = paths.stream()
                .filter(path -> !java.util.Objects.equals(one.get(path), other.get(path)))
                .toList();
        if (json.wanted()) {
            json.print(JsonObject.builder()
                    .put("files", paths.size())
                    .put("different", JsonArray.ofStrings(different))
                    .put(
                            "variations",
                            JsonArray.ofStrings(
                                    Variation.ALL.stream().map(Variation::told).toList()))
                    .build());
        } else {
            different.forEach(path -> spec.commandLine().getErr().println("DIFFERS  " + path));
            spec.commandLine().getErr().println(paths.size() + " files, " + different.size() + " differ");
        }
        return different.isEmpty() && !paths.isEmpty() ? 0 : DIFFERENT;
    }
}
