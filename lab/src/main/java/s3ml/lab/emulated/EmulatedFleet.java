package s3ml.lab.emulated;

import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import s3ml.lab.serve.BareServer;
import s3ml.lab.serve.RunKeys;
import s3ml.sim.epc.ModelWalk;
import s3ml.sim.epc.PagedModels;
import s3ml.wire.inference.GRPCInferenceServiceGrpc;
import s3ml.wire.inference.ModelInferRequest;

/// Emulated hosts with a real server of each model on each, their agents, and a control plane. Closing it ends all.
final class EmulatedFleet implements AutoCloseable {
    private static final int PROBES = 40;

    private final List<AutoCloseable> started = new ArrayList<>();
    private final List<EmulatedHost> hosts = new ArrayList<>();
    private final Map<String, List<Replica>> replicas = new LinkedHashMap<>();
    private final Map<String, ModelWalk> walks = new LinkedHashMap<>();
    private final Shape shape;
    private final Path folder;

    /// @param hosts how many
    /// @param pages of each host's EPC
    /// @param models one server of each on each host
    /// @param runtimePages that an inference touches beside its model
    /// @param objective of each model's p99
    record Shape(int hosts, int pages, List<BuiltModel> models, int runtimePages, Duration objective) {
        Shape {
            models = List.copyOf(models);
        }
    }

    /// One server.
    ///
    /// @param name in the control plane
    /// @param channel its clients' connection
    /// @param port where it answers
    record Replica(String name, ManagedChannel channel, int port) {}

    private EmulatedFleet(Shape shape, Path folder) {
        this.shape = shape;
        this.folder = folder;
    }

    /// Starts hosts and servers.
    static EmulatedFleet start(Shape shape, Path folder) throws IOException {
        EmulatedFleet fleet = new EmulatedFleet(shape, folder);
        boolean whole = false;
        try {
            fleet.startHosts();
            for (BuiltModel model : shape.models()) {
                fleet.serve(model);
            }
            whole = true;
            return fleet;
        } finally {
            if (!whole) {
                fleet.close();
            }
        }
    }

    private void startHosts() throws IOException {
        for (int h = 0; h < shape.hosts(); h++) {
            EmulatedHost host = EmulatedHost.start("h" + h, folder, shape.pages());
            started.add(host);
            hosts.add(host);
        }
    }

    private void serve(BuiltModel model) throws IOException {
        Path keys = Files.createDirectories(folder.resolve(model.name()));
        X509Certificate authority = RunKeys.write(keys, Map.of(model.name(), model.bytes()));
        ModelWalk walk = ModelWalk.of(keys.resolve(model.name() + ".tflite"), shape.runtimePages());
        walks.put(model.name(), walk);
        List<Replica> all = new ArrayList<>();
        for (EmulatedHost host : hosts) {
            String name = host.name() + "-" + model.name();
            Path paged = folder.resolve(name + "-paged.json");
            PagedModels.describe(paged, host.pool(), Map.of(model.name(), walk));
            Child server = Child.java(
                    folder.resolve(name + ".log"), BareServer.class.getName(), keys.toString(), "1", paged.toString());
            host.add(server);
            host.serves(name, server.port("metricsPort"));
            ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", server.port("grpcPort"))
                    .sslContext(
                            GrpcSslContexts.forClient().trustManager(authority).build())
                    .build();
            started.add(channel::shutdownNow);
            all.add(new Replica(name, channel, server.port("grpcPort")));
        }
        replicas.put(model.name(), all);
    }

    /// Starts a control plane and an agent on each host.
    ///
    /// @param serviceMillis of each model alone
    ControlProcess control(Map<String, Double> serviceMillis) throws IOException {
        ControlProcess control = ControlProcess.start(config(serviceMillis), folder, hosts);
        started.add(control);
        return control;
    }

    private String config(Map<String, Double> serviceMillis) {
        StringJoiner models = new StringJoiner(",\n");
        serviceMillis.forEach((model, millis) -> models.add(String.format(
                Locale.ROOT,
                "{\"name\": \"%s\", \"objectiveMillis\": %d, \"serviceMillis\": %.3f, \"workingSetPages\": %d,"
                        + " \"pagingThreshold\": %.1f}",
                model,
                shape.objective().toMillis(),
                millis,
                pages(model),
                threshold(model, millis))));
        StringJoiner members = new StringJoiner(",\n");
        for (int h = 0; h < hosts.size(); h++) {
            StringJoiner own = new StringJoiner(", ");
            for (Map.Entry<String, List<Replica>> model : replicas.entrySet()) {
                Replica replica = model.getValue().get(h);
                own.add(String.format(
                        Locale.ROOT,
                        "{\"name\": \"%s\", \"model\": \"%s\", \"address\": \"127.0.0.1\", \"port\": %d}",
                        replica.name(),
                        model.getKey(),
                        replica.port()));
            }
            members.add("{\"name\": \"" + hosts.get(h).name() + "\", \"replicas\": [" + own + "]}");
        }
        return "{\"tickMillis\": 1000, \"models\": [" + models + "], \"hosts\": [" + members + "]}";
    }

    /// Where one request in fifty reloads the working set at half load.
    double threshold(String model, double serviceMillis) {
        return 0.02 * 0.5 * pages(model) * 1000 / serviceMillis;
    }

    List<EmulatedHost> hosts() {
        return List.copyOf(hosts);
    }

    Map<String, List<Replica>> replicas() {
        return Map.copyOf(replicas);
    }

    int pages(String model) {
        return walks.getOrDefault(model, new ModelWalk(List.of(1))).pages();
    }

    Shape shape() {
        return shape;
    }

    /// Clients of a model.
    OpenLoop clients(String model) {
        List<Channel> channels = new ArrayList<>();
        replicas.getOrDefault(model, List.of()).forEach(replica -> channels.add(replica.channel()));
        return new OpenLoop(channels, request(model), shape.objective());
    }

    /// Median time of an inference on an idle fleet, one at a time, in milliseconds.
    double alone(String model) {
        Channel channel = replicas.getOrDefault(model, List.of()).getFirst().channel();
        return Alone.medianMillis(GRPCInferenceServiceGrpc.newBlockingStub(channel), request(model), PROBES);
    }

    private ModelInferRequest request(String model) {
        return shape.models().stream()
                .filter(built -> built.name().equals(model))
                .findFirst()
                .orElseThrow()
                .request();
    }

    @Override
    public void close() throws IOException {
        for (AutoCloseable each : started.reversed()) {
            try {
                each.close();
            } catch (IOException failed) {
                throw failed;
            } catch (Exception failed) {
                throw new IllegalStateException("could not end " + each, failed);
            }
        }
    }
}
