package s3ml.lab.paging;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
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
import s3ml.policy.BalanceConfig;
import s3ml.policy.FleetView;
import s3ml.policy.Host;
import s3ml.policy.HostReport;
import s3ml.policy.ModelProfile;
import s3ml.policy.PagingRates;
import s3ml.policy.PagingScaler;
import s3ml.policy.PagingWeights;
import s3ml.policy.ReplicaReport;
import s3ml.policy.ScaleConfig;
import s3ml.policy.ScaleDecision;
import s3ml.policy.WeightDecision;

/// `s3ml lab tick`: the time of one control tick against the size of the fleet.
@Command(
        name = "tick",
        description = "Measure one control tick (weights and scaling) for fleets of ten replicas a host.",
        mixinStandardHelpOptions = true)
public final class TickCommand implements Callable<Integer> {
    private static final int MODELS = 10;
    private static final int WARM_UP_TICKS = 100;
    private static final int[] SIZES = {100, 300, 1000, 3000};

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "seed of the reports (default: ${DEFAULT-VALUE})")
    private long seed;

    @Option(
            names = "--ticks",
            paramLabel = "N",
            defaultValue = "100",
            description = "ticks measured per size (default: ${DEFAULT-VALUE})")
    private int ticks;

    private TickCommand() {}

    /// @param hosts in the fleet
    /// @param medianMillis of the measured ticks
    /// @param p99Millis of the measured ticks
    record Sample(int hosts, double medianMillis, double p99Millis) {}

    @Override
    public Integer call() {
        List<Sample> samples = samples(ticks, seed);
        PrintWriter out = spec.commandLine().getOut();
        if (json.wanted()) {
            List<JsonValue> values = new ArrayList<>();
            for (Sample sample : samples) {
                values.add(JsonObject.builder()
                        .put("hosts", sample.hosts())
                        .put("replicas", (long) sample.hosts() * MODELS)
                        .put("medianMs", Comparison.rounded(sample.medianMillis()))
                        .put("p99Ms", Comparison.rounded(sample.p99Millis()))
                        .build());
            }
            json.print(JsonObject.builder()
                    .put("ticks", new JsonArray(values))
                    .put("seed", seed)
                    .build());
        } else {
            for (Sample sample : samples) {
                out.printf(
                        Locale.ROOT,
                        "%5d hosts, %6d replicas: median %7.2f ms, p99 %7.2f ms a tick%n",
                        sample.hosts(),
                        sample.hosts() * MODELS,
                        sample.medianMillis(),
                        sample.p99Millis());
            }
        }
        out.flush();
        return 0;
    }

    /// One sample for each size of the fleet.
    static List<Sample> samples(int ticks, long seed) {
        List<Sample> samples = new ArrayList<>();
        for (int hosts : SIZES) {
            samples.add(measure(hosts, ticks, seed));
        }
        return samples;
    }

    private static Sample measure(int count, int ticks, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        List<Host> hosts = new ArrayList<>();
        Map<String, ModelProfile> profiles = new HashMap<>();
        for (int m = 0; m < MODELS; m++) {
            SimModel model = new SimModel("m" + m, 40, 2_500, 140);
            profiles.put(model.name(), model.profile());
        }
        for (int h = 0; h < count; h++) {
            List<Host.Replica> replicas = new ArrayList<>();
            for (int m = 0; m < MODELS; m++) {
                replicas.add(new Host.Replica("h" + h + "-" + m, "m" + m));
            }
            hosts.add(new Host("h" + h, replicas));
        }
        PagingWeights weights = new PagingWeights(BalanceConfig.defaults());
        PagingScaler scaler = new PagingScaler(ScaleConfig.defaults(), Duration.ofSeconds(5));
        WeightDecision decision = WeightDecision.none();
        ScaleDecision scale = ScaleDecision.none();
        double[] millis = new double[ticks];
        for (int t = -WARM_UP_TICKS; t < ticks; t++) {
            FleetView fleet = view(hosts, profiles, t, random);
            long began = System.nanoTime();
            decision = weights.decide(decision, fleet);
            scale = scaler.decide(scale, fleet, decision);
            if (t >= 0) {
                millis[t] = (System.nanoTime() - began) / 1e6;
            }
        }
        return new Sample(count, LatencyWindow.percentile(millis, 0.5), LatencyWindow.percentile(millis, 0.99));
    }

    /// A fifth of the hosts pages, and which they are changes slowly.
    private static FleetView view(
            List<Host> hosts, Map<String, ModelProfile> profiles, int tick, SplittableRandom random) {
        java.time.Instant now = VirtualClock.START.plusSeconds(tick);
        Map<String, HostReport> reports = new HashMap<>();
        for (int h = 0; h < hosts.size(); h++) {
            Host host = hosts.get(h);
            boolean paging = Math.floorMod(h + tick / 20, 5) == 0;
            double rate = paging ? 20_000 + random.nextInt(10_000) : 0;
            List<ReplicaReport> replicas = new ArrayList<>(MODELS);
            for (Host.Replica replica : host.replicas()) {
                double latency = (paging ? 300 : 50) + random.nextInt(50);
                replicas.add(new ReplicaReport(
                        replica.name(), replica.model(), 8, random.nextDouble(), SimModel.nanos(latency)));
            }
            PagingRates rates = new PagingRates(rate, rate, paging ? 0 : 2000, 23_936);
            reports.put(host.name(), new HostReport(host.name(), now, rates, 0.4, 8, replicas));
        }
        return new FleetView(now, hosts, reports, profiles);
    }
}
