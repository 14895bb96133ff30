package s3ml.lab.faults;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.options.JsonOption;

/// `s3ml lab histories`: random histories of operations and faults under a virtual clock, each judged by a model.
@Command(
        name = "histories",
        description = "Run seeded random histories of an AECS's replicas over a failing store; a model judges each.",
        mixinStandardHelpOptions = true)
public final class HistoriesCommand implements Callable<Integer> {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int REFUSED = 2;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--count",
            paramLabel = "N",
            defaultValue = "10000",
            description = "how many histories (default: ${DEFAULT-VALUE})")
    private int count;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "seed of the first; the others follow it (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--store",
            defaultValue = "memory",
            description = "memory or sqlite; sqlite waits for a real disk (default: ${DEFAULT-VALUE})")
    private String store = "memory";

    private HistoriesCommand() {}

    @Override
    public Integer call() {
        if (count < 1 || !(store.equals("memory") || store.equals("sqlite"))) {
            spec.commandLine().getErr().println("s3ml: --count must be 1 or more, and --store memory or sqlite");
            return REFUSED;
        }
        long start = System.nanoTime();
        Histories.Outcome outcome =
                Histories.run(seed, count, store.equals("memory") ? Histories.Disk.MEMORY : Histories.Disk.SQLITE);
        double seconds = (System.nanoTime() - start) / NANOS_PER_SECOND;
        if (json.wanted()) {
            json.print(JsonObject.builder()
                    .put("histories", (long) count)
                    .put("seed", seed)
                    .put("store", store)
                    .put("operations", outcome.operations())
                    .put("faults", outcome.faults())
                    .put("violations", JsonArray.ofStrings(outcome.violations()))
                    .put("seconds", seconds)
                    .build());
        } else {
            spec.commandLine()
                    .getErr()
                    .printf(
                            "%d histories from seed %d: %d acknowledged operations, %d faults, %d violations, %.1f s%n",
                            count,
                            seed,
                            outcome.operations(),
                            outcome.faults(),
                            outcome.violations().size(),
                            seconds);
            outcome.violations().forEach(spec.commandLine().getErr()::println);
        }
        return outcome.ok() ? 0 : 1;
    }
}
