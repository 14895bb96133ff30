package s3ml.lab.follow;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.InferenceRequest;
import s3ml.client.ModelExpectation;
import s3ml.client.Tensor;
import s3ml.lab.emulated.EnvoyProcess;
import s3ml.lab.emulated.FleetKeys;
import s3ml.lab.serve.NoopModel;
import s3ml.lab.serve.ServedEnclave;
import s3ml.lab.serve.ServingRig;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ServiceTrust;
import s3ml.server.steering.Steering;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.HostConfig;
import s3ml.wire.fleet.ModelConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// Runs one way after the other, each with two servers, an Envoy and a client of its own, so that no connection of one
/// is there in the next.
final class FollowRun {
    /// How much of the load, beside what its weight says, the server may have and still have lost it.
    static final double BAND = 0.1;

    private static final String MODEL = "noop";
    private static final int FLOATS = 16;
    private static final List<String> REPLICAS = List.of("r1", "r2");
    private static final List<String> HOSTS = List.of("h1", "h2");

    private static final long BEFORE_MILLIS = 1000;
    private static final long LOOK_MILLIS = 200;

    /// Of which the share at the end is told: about a short age, in which connections that age go once each.
    private static final double LAST_SECONDS = 5;

    /// As in the operator's Pods, between a deletion and SIGTERM.
    private static final double SPREAD_SECONDS = 6;

    private final ServingRig.Hosted service;
    private final Path folder;
    private final Path envoy;
    private final double seconds;

    /// @param rig where the servers run
    /// @param envoy the program
    /// @param seconds that each way has after the change
    FollowRun(ServingRig rig, Path envoy, int seconds) throws IOException {
        this.folder = rig.folder();
        this.service = rig.service(Map.of(MODEL, new NoopModel(FLOATS).write(folder.resolve(MODEL + ".tflite"))));
        this.envoy = envoy;
        this.seconds = seconds;
    }

    /// What came of a way.
    ///
    /// @param shareBefore of the load, at the server whose weight falls, just before the change
    /// @param shareAfter the same in the last seconds
    /// @param follows seconds from the change until the share stayed near its target; empty if it never did
    /// @param calls that were answered or failed
    /// @param failed of them
    /// @param failure why the first failed
    record Outcome(
            double shareBefore,
            double shareAfter,
            OptionalDouble follows,
            long calls,
            long failed,
            Optional<String> failure) {}

    Outcome run(Way way) throws IOException, InterruptedException {
        Path own = Files.createDirectory(folder.resolve(way.name()));
        try (ServedEnclave first = start(way);
                ServedEnclave second = start(way)) {
            Servers servers = new Servers(first, second, EnvoyProcess.freePort(), EnvoyProcess.freePort());
            SealedProxy proxy = SealedProxy.in(own, service.trust().caCertificate(), EnvoyProcess.freePort());
            FleetKeys keys = FleetKeys.make(own.resolve("fleet-keys"), HOSTS);
            try (GivenWeights weights = new GivenWeights(
                            servers.fleet(way.change().isOfTwo(), Optional.empty()),
                            weights(0, Way.Change.BEFORE, Way.Change.BEFORE),
                            keys);
                    Agents agents = Agents.start(way.isTold() ? HOSTS : List.of(), own, keys, weights.agentPort());
                    EnvoyProcess running = EnvoyProcess.start(
                            envoy, own, weights.xdsPort(), proxy.yaml(MODEL + "/rest"), servers.listener());
                    InferenceClient client = client(way, running.listener(), proxy);
                    Callers callers = new Callers(client, request())) {
                if (way.change().isOfTwo()) {
                    agents.awaitTold(List.of(first, second), Steering.MOST / 2);
                } else {
                    agents.awaitTold(List.of(first), Steering.MOST);
                }
                return observe(way, servers, weights, callers);
            }
        }
    }

    private ServedEnclave start(Way way) {
        return service.start(
                settings -> settings.put("threads", 1).put("connectionSeconds", way.connectionSeconds()),
                Optional.empty());
    }

    /// Without repetitions, which would hide a call that was lost.
    private InferenceClient client(Way way, int listener, SealedProxy proxy) throws IOException {
        ServiceTrust trust = service.trust();
        ModelExpectation expected = ModelExpectation.of(MODEL).acceptSimulated();
        InferenceOptions options =
                InferenceOptions.defaults().withConnections(way.connections()).withAttempts(1);
        return way == Way.SEALED
                ? InferenceClient.sealed(
                        trust,
                        expected,
                        List.of(URI.create("https://localhost:" + proxy.port())),
                        ServedEnclave.trusting(proxy.certificate()),
                        options)
                : InferenceClient.grpc(trust, expected, List.of(new Endpoint("127.0.0.1", listener)), options);
    }

    private static InferenceRequest request() {
        return InferenceRequest.of(MODEL, Tensor.ofFloats("x", List.of(1L, (long) FLOATS), new float[FLOATS]));
    }

    private Outcome observe(Way way, Servers servers, GivenWeights weights, Callers callers)
            throws IOException, InterruptedException {
        Thread.sleep(way.warmUpMillis());
        long firstBefore = servers.first().counts().success();
        long secondBefore = servers.second().counts().success();
        Thread.sleep(BEFORE_MILLIS);
        long first = servers.first().counts().success() - firstBefore;
        long second = servers.second().counts().success() - secondBefore;
        int falling = first >= second ? 0 : 1;

        Way.Change change = way.change();
        Optional<Integer> ending = change == Way.Change.ENDED ? Optional.of(falling) : Optional.empty();
        weights.change(servers.fleet(true, ending), weights(falling, change.there(), change.elsewhere()));
        LoadHistory history = watch(servers, falling, ending.isPresent(), callers);
        return new Outcome(
                (double) Math.max(first, second) / (first + second),
                history.lastShare(LAST_SECONDS),
                history.followsAfter(change.target() + BAND),
                callers.answered() + callers.failed(),
                callers.failed(),
                callers.failure());
    }

    /// Counts the calls of a server that ends as those that the other one did not answer, though callers are asked a
    /// little later.
    private LoadHistory watch(Servers servers, int falling, boolean ends, Callers callers)
            throws IOException, InterruptedException {
        ServedEnclave leaving = falling == 0 ? servers.first() : servers.second();
        ServedEnclave staying = falling == 0 ? servers.second() : servers.first();
        LoadHistory history = new LoadHistory();
        Thread end = Thread.ofVirtual().unstarted(leaving::close);
        long changed = System.nanoTime();
        for (double now = 0; now <= seconds; now = (System.nanoTime() - changed) / 1e9) {
            if (ends && now >= SPREAD_SECONDS && end.getState() == Thread.State.NEW) {
                end.start();
            }
            long elsewhere = staying.counts().success();
            long there =
                    ends ? callers.answered() - elsewhere : leaving.counts().success();
            history.add(new LoadHistory.Sample(now, there, there + elsewhere));
            Thread.sleep(LOOK_MILLIS);
        }
        end.join();
        return history;
    }

    /// @param falling index of the replica that `there` is of
    private static Map<String, Integer> weights(int falling, int there, int elsewhere) {
        return Map.of(REPLICAS.get(falling), there, REPLICAS.get(1 - falling), elsewhere);
    }

    /// Two servers of a model, and where Envoy takes connections for them.
    private record Servers(ServedEnclave first, ServedEnclave second, int listener, int restListener) {
        /// What the control plane is told of them, each on a host of its own.
        ///
        /// @param both whether the second is one of them
        /// @param ending index of the one that is about to end
        FleetConfig fleet(boolean both, Optional<Integer> ending) {
            HostConfig other = HostConfig.newBuilder().setName(HOSTS.get(1)).build();
            return FleetConfig.newBuilder()
                    .addModels(ModelConfig.newBuilder()
                            .setName(MODEL)
                            .setListenerPort(listener)
                            .setRestListenerPort(restListener))
                    .addHosts(host(0, first, ending))
                    .addHosts(both ? host(1, second, ending) : other)
                    .build();
        }

        private static HostConfig host(int index, ServedEnclave server, Optional<Integer> ending) {
            boolean ends = ending.filter(there -> there == index).isPresent();
            return HostConfig.newBuilder()
                    .setName(HOSTS.get(index))
                    .addReplicas(ReplicaConfig.newBuilder()
                            .setName(REPLICAS.get(index))
                            .setModel(MODEL)
                            .setAddress("127.0.0.1")
                            .setPort(server.port("grpcPort"))
                            .setRestPort(server.port("restPort"))
                            .setMetricsPort(server.port("metricsPort"))
                            .setPhase(ends ? ReplicaConfig.Phase.ENDING : ReplicaConfig.Phase.SERVING))
                    .build();
        }
    }
}
