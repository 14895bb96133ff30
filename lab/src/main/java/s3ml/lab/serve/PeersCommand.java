package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.options.JsonOption;
import s3ml.lab.options.Rounded;

/// `s3ml lab peers`: the same detector in this model server, in Triton and in MLServer, in one run.
///
/// Faults: `LAB-128` a server does not infer.
@Command(
        name = "peers",
        description = {
            "Install Triton and MLServer from PyPI into the cache (2 GB, once) and load them and this model server with",
            "the same requests for the same detector by TensorFlow Lite, with as many threads, in turn: throughput,",
            "latency, memory. The peers speak in the clear; this server over TLS, attested (SIMULATED platform)."
        },
        mixinStandardHelpOptions = true)
public final class PeersCommand implements Callable<Integer> {
    private static final String OURS = "s3ml";
    private static final int SATURATING = 4;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "turns of every server, of which the median is reported (default: ${DEFAULT-VALUE})")
    private int rounds;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            defaultValue = "5",
            description = "of each load (default: ${DEFAULT-VALUE})")
    private int seconds;

    @Option(names = "--threads", paramLabel = "N", description = "together (default: the number of processors)")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Mixin
    private JsonOption json = new JsonOption();

    @Spec
    private CommandSpec spec;

    @SuppressWarnings("NullAway.Init") // picocli fills in the specification
    private PeersCommand() {}

    /// A server under load, and what came of it.
    private record Contender(
            String server,
            int workers,
            int threads,
            LoadTarget target,
            Usage usage,
            List<HttpLoad.Result> one,
            List<HttpLoad.Result> full,
            List<Double> memory) {
        Contender(String server, int workers, int threads, LoadTarget target, Usage usage) {
            this(server, workers, threads, target, usage, new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        }

        void load(Duration time) throws IOException {
            one.add(HttpLoad.run(target, HttpLoad.Plan.closed(1, 1, time)));
            full.add(HttpLoad.run(target, HttpLoad.Plan.closed(SATURATING, 1, time)));
            memory.add(usage.treeMb());
        }

        double perSecond() {
            return median(full, HttpLoad.Result::perSecond);
        }

        double memoryMb() {
            return memory.stream().mapToDouble(Double::doubleValue).max().orElse(0);
        }

        JsonObject row() {
            return JsonObject.builder()
                    .put("server", server)
                    .put("workers", workers)
                    .put("threadsEach", threads)
                    .put("throughputPerSecond", Rounded.thousandth(perSecond()))
                    .put("p50Ms", Rounded.thousandth(median(full, HttpLoad.Result::p50Millis)))
                    .put("p99Ms", Rounded.thousandth(median(full, HttpLoad.Result::p99Millis)))
                    .put("p50OneCallerMs", Rounded.thousandth(median(one, HttpLoad.Result::p50Millis)))
                    .put("memoryMb", Rounded.thousandth(memoryMb()))
                    .build();
        }

        private static double median(List<HttpLoad.Result> results, ToDoubleFunction<HttpLoad.Result> figure) {
            return Figures.median(results.stream().map(figure::applyAsDouble).toList());
        }
    }

    @Override
    public Integer call() throws IOException {
        Path home = Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath();
        List<PeerServer> peers = new ArrayList<>();
        try (ServingRig rig = ServingRig.start(home)) {
            try {
                Path model = ServeModels.detector(rig.distribution());
                List<Contender> contenders = new ArrayList<>();
                for (PeerServer.Setup setup : setups()) {
                    say("starting " + setup.name() + ", workers: " + setup.workers());
                    Path folder = rig.folder().resolve("peer-" + peers.size());
                    peers.add(PeerServer.start(home, setup, model, folder));
                    contenders.add(peer(setup, peers.getLast(), folder));
                }
                return compete(rig, model, contenders);
            } finally {
                peers.forEach(PeerServer::close);
            }
        }
    }

    /// Each with one copy of the model and all threads, and with a copy of one thread for each processor.
    private List<PeerServer.Setup> setups() {
        List<PeerServer.Setup> setups = new ArrayList<>();
        for (String name : List.of("triton", "mlserver")) {
            setups.add(new PeerServer.Setup(name, 1, threads));
            if (threads > 1) {
                setups.add(new PeerServer.Setup(name, threads, 1));
            }
        }
        return setups;
    }

    private static Contender peer(PeerServer.Setup setup, PeerServer server, Path folder) throws IOException {
        LoadTarget.Input input = new LoadTarget.Input(ServeModels.DETECTOR, "x", "FP32", List.of(1L, 300L, 300L, 3L));
        return new Contender(
                setup.name(),
                setup.workers(),
                setup.threads(),
                LoadTarget.grpc(server.grpcAuthority(), input, folder.resolve("request")),
                server.usage());
    }

    private int compete(ServingRig rig, Path model, List<Contender> peers) throws IOException {
        String name = ServeModels.DETECTOR;
        ServingRig.Hosted service = rig.service(Map.of(name, model));
        List<ServedEnclave> servers = new ArrayList<>();
        try {
            List<Contender> contenders = new ArrayList<>();
            for (int instances : threads > 1 ? List.of(1, threads) : List.of(1)) {
                ServedEnclave server = service.start(
                        settings -> settings.put("instances", instances).put("threads", threads / instances),
                        Optional.empty());
                servers.add(server);
                LoadTarget target = LoadTarget.grpc(
                        server.grpcAuthority(), server.input(name), rig.folder().resolve("ours-" + instances));
                contenders.add(new Contender(OURS, instances, threads / instances, target, server.usage()));
            }
            contenders.addAll(peers);
            for (Contender contender : contenders) {
                demandInferences(contender);
            }
            for (int round = 1; round <= rounds; round++) {
                say("round " + round + " of " + rounds);
                for (Contender contender : contenders) {
                    contender.load(Duration.ofSeconds(seconds));
                }
            }
            report(contenders);
            return 0;
        } finally {
            servers.forEach(ServedEnclave::close);
        }
    }

    /// The load looks at HTTP only, and gRPC tells its refusals elsewhere: one call of each by a gRPC client.
    private static void demandInferences(Contender contender) throws IOException {
        String refusal = GrpcCall.refusal(contender.target());
        if (!refusal.isEmpty()) {
            throw new S3mlException(
                    "LAB-128",
                    "a comparison would be wrong",
                    contender.server() + " does not infer: " + refusal,
                    "see its log, and install it anew");
        }
    }

    private void report(List<Contender> contenders) {
        Map<String, Contender> best = new LinkedHashMap<>();
        contenders.forEach(each ->
                best.merge(each.server(), each, (one, other) -> one.perSecond() >= other.perSecond() ? one : other));
        Contender ours = Objects.requireNonNull(best.remove(OURS));
        JsonObject.Builder ratios = JsonObject.builder();
        best.forEach((name, peer) -> ratios.put(
                name,
                JsonObject.builder()
                        .put("throughputRatio", Rounded.thousandth(ours.perSecond() / peer.perSecond()))
                        .put("memoryShare", Rounded.thousandth(ours.memoryMb() / peer.memoryMb()))
                        .build()));
        List<JsonValue> rows = new ArrayList<>();
        contenders.forEach(contender -> rows.add(contender.row()));
        JsonObject report = JsonObject.builder()
                .put("servers", new JsonArray(rows))
                .put("oursToBestOf", ratios.build())
                .put("callers", SATURATING)
                .put("rounds", rounds)
                .put("seconds", seconds)
                .put("simulated", true)
                .build();
        json.printAlways(report);
    }

    private void say(String what) {
        spec.commandLine().getErr().println(what);
        spec.commandLine().getErr().flush();
    }
}
