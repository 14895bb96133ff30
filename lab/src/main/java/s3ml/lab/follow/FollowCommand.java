package s3ml.lab.follow;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonNull;
import s3ml.attest.json.JsonNumber;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;
import s3ml.lab.emulated.EnvoyProcess;
import s3ml.lab.options.Rounded;
import s3ml.lab.serve.ServeModels;
import s3ml.lab.serve.ServingRig;

/// `s3ml lab follow`: seconds from a change of weights until the load is where they say, in each way that there is.
@Command(
        name = "follow",
        description = {
            "Change the weights of two attested servers (SIMULATED platform, all else real) behind a real Envoy, and",
            "measure how long the load takes to follow: over connections that stay or age, when a server is parked, ends",
            "or is added, and with sealed bodies that Envoy balances by request. Takes Envoy (deploy/test/components)."
        },
        mixinStandardHelpOptions = true)
public final class FollowCommand implements Callable<Integer> {
    /// Two ages of the connections that age, and the seconds of which the share is told.
    private static final int LEAST_SECONDS = 15;

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "20",
            description = "measured after the change, in each way, at least 15 (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private FollowCommand() {}

    private record Row(Way way, FollowRun.Outcome outcome) {
        JsonObject json() {
            return JsonObject.builder()
                    .put("name", way.label())
                    .put("connections", way.connections())
                    .put("connectionSeconds", way.connectionSeconds())
                    .put("shareBefore", Rounded.thousandth(outcome.shareBefore()))
                    .put("shareAfter", Rounded.thousandth(outcome.shareAfter()))
                    .put("target", way.change().target())
                    .put("followsAfterSeconds", follows())
                    .put("calls", outcome.calls())
                    .put("failed", outcome.failed())
                    .build();
        }

        private JsonValue follows() {
            return outcome.follows().isPresent()
                    ? JsonNumber.of(Rounded.thousandth(outcome.follows().getAsDouble()))
                    : new JsonNull();
        }
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath();
        Path envoy = EnvoyProcess.program(ServeModels.component(home, "envoy"))
                .orElseThrow(() -> new S3mlException(
                        "LAB-126",
                        "an experiment lacks Envoy",
                        "the component envoy holds no program",
                        "deploy/test/components envoy fetches it"));
        List<Row> rows = new ArrayList<>();
        try (ServingRig rig = ServingRig.start(home)) {
            FollowRun run = new FollowRun(rig, envoy, Math.max(LEAST_SECONDS, seconds));
            for (Way way : Way.values()) {
                tell(way.label());
                FollowRun.Outcome outcome = run.run(way);
                outcome.failure().ifPresent(why -> tell("a call failed: " + why));
                rows.add(new Row(way, outcome));
            }
        }
        if (json.wanted()) {
            json.print(document(rows));
        } else {
            print(rows);
        }
        return 0;
    }

    private void tell(String what) {
        spec.commandLine().getErr().println(what);
        spec.commandLine().getErr().flush();
    }

    private static JsonObject document(List<Row> rows) {
        List<JsonValue> ways = new ArrayList<>();
        rows.forEach(row -> ways.add(row.json()));
        JsonObject weights = JsonObject.builder()
                .put("before", pair(Way.Change.BEFORE, Way.Change.BEFORE))
                .put("after", pair(Way.Change.WEIGHT.there(), Way.Change.WEIGHT.elsewhere()))
                .build();
        return JsonObject.builder()
                .put("ways", new JsonArray(ways))
                .put("weights", weights)
                .put("band", FollowRun.BAND)
                .put("simulated", true)
                .build();
    }

    private static JsonArray pair(long there, long elsewhere) {
        return new JsonArray(List.of(JsonNumber.of(there), JsonNumber.of(elsewhere)));
    }

    private void print(List<Row> rows) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%-44s %11s %5s %12s %11s %6s %13s %6s %6s%n",
                "way",
                "connections",
                "age",
                "share before",
                "share after",
                "wanted",
                "follows after",
                "calls",
                "failed");
        for (Row row : rows) {
            Way way = row.way();
            FollowRun.Outcome outcome = row.outcome();
            String follows = outcome.follows().isPresent()
                    ? String.format(Locale.ROOT, "%.1f s", outcome.follows().getAsDouble())
                    : "not in time";
            out.printf(
                    Locale.ROOT,
                    "%-44s %11d %3d s %12.2f %11.2f %6.2f %13s %6d %6d%n",
                    way.label(),
                    way.connections(),
                    way.connectionSeconds(),
                    outcome.shareBefore(),
                    outcome.shareAfter(),
                    way.change().target(),
                    follows,
                    outcome.calls(),
                    outcome.failed());
        }
        out.flush();
    }
}
