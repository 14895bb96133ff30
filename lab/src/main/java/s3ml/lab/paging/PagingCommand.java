package s3ml.lab.paging;

import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
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

/// `s3ml lab paging`: what paging costs on the emulated EPC, and how far the simulator is off.
@Command(
        name = "paging",
        description = {
            "Walk working sets on the emulated EPC (real AES-GCM per page, one reclaimer), alone and beside somebody else's,",
            "and compare times and rates with the cluster simulator's model of an EPC."
        },
        mixinStandardHelpOptions = true)
public final class PagingCommand implements Callable<Integer> {
    private static final int TOTAL = 23_936;
    private static final int[] ALONE = {TOTAL / 2, TOTAL * 9 / 10, TOTAL * 97 / 100, TOTAL * 102 / 100, TOTAL * 5 / 4};
    private static final int[] BESIDE = {4_000, 12_000, 15_500, 18_000, 23_000};
    private static final int[] FEW_ALONE = {TOTAL * 9 / 10, TOTAL * 102 / 100};
    private static final int[] FEW_BESIDE = {12_000, 18_000};
    private static final int WALKED = 9_000;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "3",
            description = "measured seconds per setting (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--few", description = "four settings instead of ten")
    private boolean few;

    private PagingCommand() {}

    /// @param few whether four settings will do
    static List<EmulatedPoint> measure(int seconds, boolean few) throws IOException {
        List<EmulatedPoint> points = new ArrayList<>();
        for (int pages : few ? FEW_ALONE : ALONE) {
            points.add(EmulatedPoint.measure(pages, 0, Duration.ofSeconds(seconds)));
        }
        for (int antagonist : few ? FEW_BESIDE : BESIDE) {
            points.add(EmulatedPoint.measure(WALKED, antagonist, Duration.ofSeconds(seconds)));
        }
        return points;
    }

    static double medianError(List<EmulatedPoint> points) {
        return LatencyWindow.percentile(
                points.stream()
                        .filter(EmulatedPoint::paged)
                        .mapToDouble(EmulatedPoint::rateError)
                        .toArray(),
                0.5);
    }

    @Override
    public Integer call() throws IOException {
        List<EmulatedPoint> points = measure(Math.max(1, seconds), few);
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted()) {
            List<JsonValue> values = new ArrayList<>();
            for (EmulatedPoint point : points) {
                values.add(JsonObject.builder()
                        .put("pages", point.pages())
                        .put("antagonistPages", point.antagonist())
                        .put("walkMs", Comparison.rounded(point.walkMillis()))
                        .put("walkP99Ms", Comparison.rounded(point.worstMillis()))
                        .put("pagesPerSecond", Comparison.rounded(point.pagesPerSecond()))
                        .put("simulatedWalkMs", Comparison.rounded(point.forecastWalkMillis()))
                        .put("simulatedPagesPerSecond", Comparison.rounded(point.forecastPagesPerSecond()))
                        .build());
            }
            json.print(JsonObject.builder()
                    .put("points", new JsonArray(values))
                    .put("medianRateError", Comparison.rounded(medianError(points)))
                    .build());
        } else {
            out.println("  pages  antagonist |  walk ms  (p99)   pages/s | simulated: walk ms   pages/s");
            for (EmulatedPoint point : points) {
                out.printf(
                        Locale.ROOT,
                        "%7d %11d | %8.1f %7.1f %9.0f | %18.1f %9.0f%n",
                        point.pages(),
                        point.antagonist(),
                        point.walkMillis(),
                        point.worstMillis(),
                        point.pagesPerSecond(),
                        point.forecastWalkMillis(),
                        point.forecastPagesPerSecond());
            }
            out.printf(Locale.ROOT, "median error of the simulated rate: %.0f %%%n", 100 * medianError(points));
        }
        out.flush();
        return 0;
    }
}
