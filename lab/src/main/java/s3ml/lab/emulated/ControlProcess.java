package s3ml.lab.emulated;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import s3ml.wire.fleet.ConsoleGrpc;
import s3ml.wire.fleet.ExplainRequest;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;

/// A control plane as a process, with the agents of its hosts, and a console that asks what it decided.
public final class ControlProcess implements AutoCloseable {
    private final Child process;
    private final ManagedChannel channel;

    private ControlProcess(Child process, ManagedChannel channel) {
        this.process = process;
        this.channel = channel;
    }

    /// Starts it and an agent on each host.
    ///
    /// @param fleetJson its configuration
    /// @param folder where keys and logs go
    /// @param more options of the control plane
    public static ControlProcess start(String fleetJson, Path folder, List<EmulatedHost> hosts, String... more)
            throws IOException {
        FleetKeys keys = FleetKeys.make(
                folder.resolve("keys"), hosts.stream().map(EmulatedHost::name).toList());
        Child process = alone(fleetJson, folder, keys, more);
        String console = hosts.getFirst().name();
        ManagedChannel channel = Grpc.newChannelBuilder(
                        "127.0.0.1:" + process.port("port"),
                        TlsChannelCredentials.newBuilder()
                                .keyManager(
                                        keys.certificate(console).toFile(),
                                        keys.key(console).toFile())
                                .trustManager(
                                        keys.certificate(FleetKeys.CONTROL).toFile())
                                .build())
                .build();
        for (EmulatedHost host : hosts) {
            host.agent(keys, process.port("port"));
        }
        return new ControlProcess(process, channel);
    }

    /// Starts the control plane, and nothing that reports to it.
    static Child alone(String fleetJson, Path folder, FleetKeys keys, String... more) throws IOException {
        Path config = Files.writeString(folder.resolve("fleet.json"), fleetJson);
        List<String> arguments = new ArrayList<>(List.of(
                "run",
                "--config=" + config,
                "--certificate=" + keys.certificate(FleetKeys.CONTROL),
                "--key=" + keys.key(FleetKeys.CONTROL),
                "--clients=" + keys.agents()));
        arguments.addAll(List.of(more));
        return Child.java(folder.resolve("control.log"), "s3ml.control.ControlMain", arguments.toArray(String[]::new));
    }

    /// Where Envoy fetches weights.
    int xdsPort() {
        return process.port("xdsPort");
    }

    /// What it decided last, and from what.
    public Explanation explain() {
        return ConsoleGrpc.newBlockingStub(channel)
                .withDeadlineAfter(10, TimeUnit.SECONDS)
                .explain(ExplainRequest.getDefaultInstance());
    }

    /// The weight of each replica, 0 to 1000.
    public Map<String, Integer> weights() {
        Map<String, Integer> weights = new LinkedHashMap<>();
        for (HostExplanation host : explain().getHostsList()) {
            host.getReplicasList().forEach(replica -> weights.put(replica.getReplica(), replica.getWeight()));
        }
        return weights;
    }

    @Override
    public void close() {
        channel.shutdownNow();
        process.close();
    }

    /// How often an experiment looks: a fraction of a tick.
    static final Duration LOOK = Duration.ofMillis(250);
}
