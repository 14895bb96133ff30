package s3ml.lab.firstlight;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.json.JsonObject;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceRequest;
import s3ml.client.Tensor;
import s3ml.client.image.Pictures;
import s3ml.client.image.SceneDrawing;
import s3ml.client.options.JsonOption;
import s3ml.lab.options.Rounded;
import s3ml.lab.serve.ServeModels;
import s3ml.lab.serve.ServedEnclave;
import s3ml.lab.serve.ServingRig;
import s3ml.lab.serve.Usage;

/// `s3ml lab first-light`: the quickstart's time, one attested server's throughput beside a raw loop, its memory.
@Command(
        name = "first-light",
        description = "The main job's figures: seconds to the first detection, throughput against a raw loop, memory.",
        mixinStandardHelpOptions = true)
public final class FirstLightCommand implements Callable<Integer> {
    private static final String NAME = "detector";
    private static final int SIDE = 300;
    private static final int REQUESTS_BEFORE_MEMORY = 100;

    @Mixin
    private JsonOption json = new JsonOption();

    @Option(names = "--rounds", description = "pairs of one secure and one raw run; the median ratio is reported")
    private int rounds = 5;

    @Option(names = "--seconds", description = "length of one run")
    private int seconds = 4;

    @Option(
            names = "--warm-up",
            description =
                    "seconds of load before the first round: until then both sides still compile what each request calls once")
    private int warmUp = 15;

    @Option(names = "--callers", description = "callers that keep the server busy")
    private int callers = 4;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public FirstLightCommand() {}

    /// One round.
    ///
    /// @param raw one interpreter with all cores
    /// @param rawCopies one interpreter a core
    /// @param cost of a secure inference and of a raw one
    private record Throughput(double secure, double raw, double rawCopies, Cost cost) {
        double ratio() {
            return secure / raw;
        }
    }

    /// Processor time of one inference in milliseconds: on a machine that does something else, too, these hold where
    /// the ratio does not.
    private record Cost(double server, double client, double raw) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath();
        QuickstartRun.Figures quickstart = new QuickstartRun(home).figures();
        float[] input = Pictures.normalised(SceneDrawing.draw(), SIDE, SIDE);
        try (ServingRig rig = ServingRig.start(home)) {
            Path model = ServeModels.detector(rig.distribution());
            ServingRig.Hosted service = rig.service(Map.of(NAME, model));
            double residentMb = withServer(service, 1, input, (load, usage) -> usage.residentMb());
            try (RawLoop raw = new RawLoop(model, 1, cores(), input);
                    RawLoop copies = new RawLoop(model, cores(), 1, input)) {
                withServer(service, cores(), input, (load, usage) -> {
                    Throughput median = measure(load, raw, copies, usage);
                    report(quickstart, median, new Memory(residentMb, usage.residentMb()));
                    return median;
                });
            }
        }
        return 0;
    }

    private static int cores() {
        return Runtime.getRuntime().availableProcessors();
    }

    private static InferenceRequest request(String tensor, float[] input) {
        return InferenceRequest.of(NAME, Tensor.ofFloats(tensor, List.of(1L, (long) SIDE, (long) SIDE, 3L), input));
    }

    /// What is measured of a server that has answered the first requests.
    private interface Measurement<T> {
        T of(SecureLoad load, Usage server) throws IOException, InterruptedException;
    }

    /// Starts a server, sends the first requests, measures, and ends it.
    ///
    /// @param instances of the model; they share the cores
    private <T> T withServer(ServingRig.Hosted service, int instances, float[] input, Measurement<T> measurement)
            throws IOException, InterruptedException {
        try (ServedEnclave server = service.start(
                        settings ->
                                settings.put("instances", instances).put("threads", Math.max(1, cores() / instances)),
                        Optional.empty());
                InferenceClient client = server.grpc(NAME)) {
            String tensor = client.metadata().inputs().getFirst().name();
            SecureLoad load = new SecureLoad(client, request(tensor, input), callers);
            load.send(REQUESTS_BEFORE_MEMORY);
            return measurement.of(load, server.usage());
        }
    }

    /// Alternates them, so that a busy neighbour disturbs all.
    private Throughput measure(SecureLoad load, RawLoop raw, RawLoop copies, Usage server) throws InterruptedException {
        Duration length = Duration.ofSeconds(seconds);
        Usage own = new Usage(ProcessHandle.current().pid());
        List<Throughput> pairs = new ArrayList<>();
        load.perSecond(Duration.ofSeconds(warmUp));
        for (int round = 0; round < rounds; round++) {
            Duration rawBefore = own.processorTime();
            double rawRate = raw.perSecond(length);
            double rawCost = millisEach(rawBefore, own, rawRate);
            double copiesRate = copies.perSecond(length);
            Duration serverBefore = server.processorTime();
            Duration clientBefore = own.processorTime();
            double secureRate = load.perSecond(length);
            Cost cost = new Cost(
                    millisEach(serverBefore, server, secureRate), millisEach(clientBefore, own, secureRate), rawCost);
            pairs.add(new Throughput(secureRate, rawRate, copiesRate, cost));
        }
        pairs.sort(java.util.Comparator.comparingDouble(Throughput::ratio));
        return pairs.get(pairs.size() / 2);
    }

    private double millisEach(Duration before, Usage process, double perSecond) {
        return process.processorTime().minus(before).toNanos() / 1e6 / (perSecond * seconds);
    }

    /// Resident set of servers in MiB.
    ///
    /// @param one instance of the model, after the first requests
    /// @param parallel an instance a core, after all load
    private record Memory(double one, double parallel) {}

    private void report(QuickstartRun.Figures quickstart, Throughput median, Memory memory) {
        JsonObject report = JsonObject.builder()
                .put("secondsToFirstDetection", quickstart.secondsToFirstDetection())
                .put("quickstartSeconds", quickstart.wholeSeconds())
                .put("securePerSecond", Rounded.thousandth(median.secure()))
                .put("rawPerSecond", Rounded.thousandth(median.raw()))
                .put("rawCopiesPerSecond", Rounded.thousandth(median.rawCopies()))
                .put("ratio", Rounded.thousandth(median.ratio()))
                .put("serverCpuMillis", Rounded.thousandth(median.cost().server()))
                .put("clientCpuMillis", Rounded.thousandth(median.cost().client()))
                .put("rawCpuMillis", Rounded.thousandth(median.cost().raw()))
                .put("residentMb", Rounded.thousandth(memory.one()))
                .put("residentParallelMb", Rounded.thousandth(memory.parallel()))
                .put("requestsBeforeMemory", REQUESTS_BEFORE_MEMORY)
                .put("cores", cores())
                .put("callers", callers)
                .put("rounds", rounds)
                .put("simulated", true)
                .build();
        if (json.wanted()) {
            json.print(report);
        } else {
            spec.commandLine()
                    .getOut()
                    .printf(
                            Locale.ROOT,
                            "first detection after %.1f s; TLS + gRPC %.1f/s with an instance a core, raw loop %.1f/s, ratio %.2f (median of %d), raw loops of a core each %.1f/s; processor time of an inference: server %.1f ms, client %.1f ms, raw %.1f ms; resident %.0f MB after %d requests with one instance, %.0f MB at the end with one a core%n",
                            quickstart.secondsToFirstDetection(),
                            median.secure(),
                            median.raw(),
                            median.ratio(),
                            rounds,
                            median.rawCopies(),
                            median.cost().server(),
                            median.cost().client(),
                            median.cost().raw(),
                            memory.one(),
                            REQUESTS_BEFORE_MEMORY,
                            memory.parallel());
        }
        spec.commandLine().getOut().flush();
    }
}
