package s3ml.lab.firstlight;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
import s3ml.attest.json.JsonObject;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.InferenceRequest;
import s3ml.client.ModelExpectation;
import s3ml.client.Tensor;
import s3ml.client.image.Pictures;
import s3ml.client.image.SceneDrawing;
import s3ml.client.options.JsonOption;
import s3ml.lab.serve.Usage;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.PlatformControl;

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
    /// the
    /// ratio does not.
    private record Cost(double server, double client, double raw) {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Path home = Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath();
        QuickstartRun.Figures quickstart = new QuickstartRun(home).figures();
        Distribution distribution = Distribution.at(home);
        try (Deployment deployment = Deployment.start(distribution, Files.createTempDirectory("s3ml-first-light-"));
                Deployment.AecsSession aecs = deployment.startAecs()) {
            Deployment.Service service = aecs.createService(NAME);
            deployment.admit(service, deployment.serverSpec());
            deployment.addModel(service, model(distribution), NAME);
            float[] input = Pictures.normalised(SceneDrawing.draw(), SIDE, SIDE);
            Runner runner = new Runner(deployment, service, aecs.trust(NAME), input);
            double residentMb = runner.withServer("server", 1, (load, usage) -> usage.residentMb());
            try (RawLoop raw = new RawLoop(model(distribution), 1, cores(), input);
                    RawLoop copies = new RawLoop(model(distribution), cores(), 1, input)) {
                runner.withServer("parallel", cores(), (load, usage) -> {
                    Throughput median = measure(load, raw, copies, usage);
                    report(quickstart, median, new Memory(residentMb, usage.residentMb()));
                    return median;
                });
            }
        }
        return 0;
    }

    private static Path model(Distribution distribution) {
        return distribution.simFile("models/FreightFrenzy_BCDM.tflite");
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

    /// Starts servers of the service, one after the other.
    private final class Runner {
        private final Deployment deployment;
        private final Deployment.Service service;
        private final ServiceTrust trust;
        private final float[] input;

        Runner(Deployment deployment, Deployment.Service service, ServiceTrust trust, float[] input) {
            this.deployment = deployment;
            this.service = service;
            this.trust = trust;
            this.input = input;
        }

        /// @param instances of the model; they share the cores
        <T> T withServer(String name, int instances, Measurement<T> measurement)
                throws IOException, InterruptedException {
            JsonObject config = deployment
                    .serverConfig(service, Deployment.Ports.CHOSEN_BY_SYSTEM)
                    .put("instances", instances)
                    .put("threads", Math.max(1, cores() / instances))
                    .build();
            PlatformControl.Enclave server = deployment
                    .startServer(name, deployment.serverSpec(), config)
                    .join();
            Endpoint grpc =
                    new Endpoint("127.0.0.1", Math.toIntExact(server.ready().number("grpcPort")));
            try (InferenceClient client = InferenceClient.grpc(
                    trust, ModelExpectation.of(NAME).acceptSimulated(), List.of(grpc), InferenceOptions.defaults())) {
                String tensor = client.metadata().inputs().getFirst().name();
                SecureLoad load = new SecureLoad(client, request(tensor, input), callers);
                load.send(REQUESTS_BEFORE_MEMORY);
                return measurement.of(load, new Usage(server.pid()));
            } finally {
                deployment.control().stop(name);
            }
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
                .put("securePerSecond", rounded(median.secure()))
                .put("rawPerSecond", rounded(median.raw()))
                .put("rawCopiesPerSecond", rounded(median.rawCopies()))
                .put("ratio", rounded(median.ratio()))
                .put("serverCpuMillis", rounded(median.cost().server()))
                .put("clientCpuMillis", rounded(median.cost().client()))
                .put("rawCpuMillis", rounded(median.cost().raw()))
                .put("residentMb", rounded(memory.one()))
                .put("residentParallelMb", rounded(memory.parallel()))
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

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
