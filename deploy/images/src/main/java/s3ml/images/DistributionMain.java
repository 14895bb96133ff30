package s3ml.images;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.sim.loader.Distribution;

/// `s3ml distribution`: writes the model server as a folder that runs by itself.
@Command(
        name = "distribution",
        mixinStandardHelpOptions = true,
        description = {
            "Write the model server as a folder with its own Java runtime, class archive, jars, native libraries and start",
            "script. The same build gives the same bytes; the digest that is printed stands for all of them."
        })
public final class DistributionMain implements Callable<Integer> {
    @Option(
            names = "--output",
            paramLabel = "DIR",
            defaultValue = "s3ml-server",
            description = "an empty folder, or one that is not there yet (default: ${DEFAULT-VALUE})")
    private Path output = Path.of("s3ml-server");

    @Option(
            names = "--aecs-policy",
            paramLabel = "FILE",
            description = "which AECS the server believes; measured with it, as data/aecs-policy.json")
    private @Nullable Path policy;

    @Option(names = "--json", description = "print one JSON document: folder and digest")
    private boolean json;

    private DistributionMain() {}

    /// Exit status: 0 done, 1 failed, 2 wrong usage.
    public static void main(String[] arguments) {
        System.exit(ImagesMain.execute(new DistributionMain(), arguments));
    }

    @Override
    public Integer call() {
        Map<String, Path> data = policy == null ? Map.of() : Map.of("aecs-policy.json", policy);
        String digest = ServerFolder.write(
                ImagesMain.recipes()
                        .enclave(Distribution.Kind.SERVER, ImagesMain.mainClass(Distribution.Kind.SERVER), data),
                output);
        if (json) {
            System.out.println(Json.write(JsonObject.builder()
                    .put("folder", output.toAbsolutePath().toString())
                    .put("digest", digest)
                    .build()));
        } else {
            System.out.println(output + "  sha256:" + digest);
        }
        return 0;
    }
}
