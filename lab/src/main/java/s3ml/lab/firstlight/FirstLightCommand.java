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
import s3ml.sim.deployment.Deployment;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;
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

    @Option(names = "--callers", description = "callers that keep the server busy")
    private int callers = 4;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    /// For picocli.
    public FirstLightCommand() {}

    /// One pair of runs.
    ///
    /// @param cost of a secure inference and of a raw one
    private record Throughput(double secure, double raw, double ratio, Cost cost) {}

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
            PlatformControl.Enclave server = startServer(deployment, aecs, distribution);
            Endpoint grpc =
                    new Endpoint("127.0.0.1", Math.toIntExact(server.ready().number("grpcPort")));
            float[] input = Pictures.normalised(SceneDrawing.draw(), SIDE, SIDE);
            try (InferenceClient client = InferenceClient.grpc(
                            aecs.trust(NAME),
                            ModelExpectation.of(NAME).acceptSimulated(),
                            List.of(grpc),
                            InferenceOptions.defaults());
                    RawLoop raw = new RawLoop(model(distribution), cores(), input)) {
                String tensor = client.metadata().inputs().getFirst().name();
                SecureLoad load = new SecureLoad(client, request(tensor, input), callers);
                load.send(REQUESTS_BEFORE_MEMORY);
                Usage usage = new Usage(server.pid());
                double residentMb = usage.residentMb();
                report(quickstart, measure(load, raw, usage), new Memory(residentMb, usage.residentMb()));
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

    private static PlatformControl.Enclave startServer(
            Deployment deployment, Deployment.AecsSession aecs, Distribution distribution) {
        Deployment.Service service = aecs.createService(NAME);
        EnclaveSpec server = deployment.serverSpec();
        deployment.admit(service, server);
        deployment.addModel(service, model(distribution), NAME);
        JsonObject config = deployment
                .serverConfig(service, Deployment.Ports.CHOSEN_BY_SYSTEM)
                .put("threads", cores())
                .build();
        return deployment.startServer("server", server, config).join();
    }

    /// Alternates the two, so that a busy neighbour disturbs both.
    private Throughput measure(SecureLoad load, RawLoop raw, Usage server) throws InterruptedException {
        Duration length = Duration.ofSeconds(seconds);
        Usage own = new Usage(ProcessHandle.current().pid());
        List<Throughput> pairs = new ArrayList<>();
        load.perSecond(length);
        for (int round = 0; round < rounds; round++) {
            Duration rawBefore = own.processorTime();
            double rawRate = raw.perSecond(length);
            double rawCost = millisEach(rawBefore, own, rawRate);
            Duration serverBefore = server.processorTime();
            Duration clientBefore = own.processorTime();
            double secureRate = load.perSecond(length);
            Cost cost = new Cost(
                    millisEach(serverBefore, server, secureRate), millisEach(clientBefore, own, secureRate), rawCost);
            pairs.add(new Throughput(secureRate, rawRate, secureRate / rawRate, cost));
        }
        pairs.sort(java.util.Comparator.comparingDouble(Throughput::ratio));
        return pairs.get(pairs.size() / 2);
    }

    private double millisEach(Duration before, Usage process, double perSecond) {
        return process.processorTime().minus(before).toNanos() / 1e6 / (perSecond * seconds);
    }

    /// Resident set of the server in MiB.
    ///
    /// @param after the first requests
    /// @param atEnd after all load
    private record Memory(double after, double atEnd) {}

    private void report(QuickstartRun.Figures quickstart, Throughput median, Memory memory) {
        JsonObject report = JsonObject.builder()
                .put("secondsToFirstDetection", quickstart.secondsToFirstDetection())
                .put("quickstartSeconds", quickstart.wholeSeconds())
                .put("securePerSecond", rounded(median.secure()))
                .put("rawPerSecond", rounded(median.raw()))
                .put("ratio", rounded(median.ratio()))
                .put("serverCpuMillis", rounded(median.cost().server()))
                .put("clientCpuMillis", rounded(median.cost().client()))
                .put("rawCpuMillis", rounded(median.cost().raw()))
                .put("residentMb", rounded(memory.after()))
                .put("residentAtEndMb", rounded(memory.atEnd()))
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
                            "first detection after %.1f s; TLS + gRPC %.1f/s, raw loop %.1f/s, ratio %.2f (median of %d); processor time of an inference: server %.1f ms, client %.1f ms, raw %.1f ms; resident %.0f MB after %d requests, %.0f MB at the end%n",
                            quickstart.secondsToFirstDetection(),
                            median.secure(),
                            median.raw(),
                            median.ratio(),
                            rounds,
                            median.cost().server(),
                            median.cost().client(),
                            median.cost().raw(),
                            memory.after(),
                            REQUESTS_BEFORE_MEMORY,
                            memory.atEnd());
        }
        spec.commandLine().getOut().flush();
    }

    private static double rounded(double value) {
        return Math.round(value * 1000) / 1000.0;
    }
}
