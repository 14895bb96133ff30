package s3ml.lab.console;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.StreamObserver;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import s3ml.lab.emulated.FleetKeys;
import s3ml.wire.fleet.FleetGrpc;
import s3ml.wire.fleet.HostReport;
import s3ml.wire.fleet.PagingRates;
import s3ml.wire.fleet.ReplicaReport;
import s3ml.wire.fleet.ReportReply;

/// A real control plane in a process of its own, and agents that report to it over mutual TLS what no host measured:
/// one stream per host, as real agents have. Of the hosts most are calm, some page, some are slow, and one in forty is
/// silent.
final class SyntheticFleet implements AutoCloseable {
    static final String TOKEN = "lab-console-token-for-one-run";
    /// What the first host is called: a name that a careless page would take for markup.
    static final String MARKUP = "<img src=x onerror=alert(1)>";

    private static final String AGENTS = "agents";
    private static final double THRESHOLD = 1500;
    private static final long EPC_PAGES = 23_936;
    private static final String[] MODELS = {"detector", "classifier", "translator"};

    private final Path folder;
    private final int hosts;
    private final int tickMillis;
    private final Random random = new Random(1);
    private final List<@Nullable StreamObserver<HostReport>> streams = new ArrayList<>();
    private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();
    private @Nullable Process control;
    private @Nullable ManagedChannel channel;
    private int port;
    private int consolePort;
    private long sequence;

    private SyntheticFleet(Path folder, int hosts, int tickMillis) {
        this.folder = folder;
        this.hosts = hosts;
        this.tickMillis = tickMillis;
    }

    /// @param tickMillis between two decisions, and between two reports of a host
    static SyntheticFleet start(Path folder, int hosts, int tickMillis) throws IOException {
        FleetKeys.make(folder, List.of(AGENTS));
        SyntheticFleet fleet = new SyntheticFleet(folder, hosts, tickMillis);
        Files.writeString(folder.resolve("fleet.json"), fleet.config().toString());
        Files.writeString(folder.resolve("token"), TOKEN);
        Files.setPosixFilePermissions(
                folder.resolve("token"), java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        fleet.startControl();
        ScheduledFuture<?> unused =
                fleet.ticks.scheduleAtFixedRate(fleet::report, 0, tickMillis, TimeUnit.MILLISECONDS);
        return fleet;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    String target() {
        return "127.0.0.1:" + port;
    }

    /// Of the console that the control plane serves itself.
    String ownConsole() {
        return "http://127.0.0.1:" + consolePort + "/";
    }

    static String host(int index) {
        return index == 0 ? MARKUP : "host-" + index;
    }

    private JsonObject config() {
        JsonObject config = new JsonObject();
        config.addProperty("tickMillis", tickMillis);
        JsonArray models = new JsonArray();
        for (String name : MODELS) {
            JsonObject model = new JsonObject();
            model.addProperty("name", name);
            model.addProperty("objectiveMillis", 200);
            model.addProperty("serviceMillis", 60);
            model.addProperty("workingSetPages", 9000);
            model.addProperty("pagingThreshold", THRESHOLD);
            models.add(model);
        }
        config.add("models", models);
        JsonArray members = new JsonArray();
        for (int i = 0; i < hosts; i++) {
            JsonObject host = new JsonObject();
            host.addProperty("name", host(i));
            JsonArray replicas = new JsonArray();
            for (int r = 0; r < 2; r++) {
                JsonObject replica = new JsonObject();
                replica.addProperty("name", "replica-" + i + "-" + r);
                replica.addProperty("model", model(i, r));
                replica.addProperty("address", "127.0.0.1");
                replica.addProperty("port", 7000);
                replicas.add(replica);
            }
            host.add("replicas", replicas);
            members.add(host);
        }
        config.add("hosts", members);
        return config;
    }

    private static String model(int host, int replica) {
        return MODELS[(host + replica) % MODELS.length];
    }

    /// Starts the control plane, again at the same port if it ran before.
    void startControl() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "s3ml.control.ControlMain",
                "run",
                "--config=" + file("fleet.json"),
                "--agents=" + AGENTS,
                "--certificate=" + file("control.crt"),
                "--key=" + file("control.key"),
                "--clients=" + file(AGENTS + ".crt"),
                "--port=" + port,
                "--console-port=" + consolePort,
                "--console-token-file=" + file("token")));
        Process started = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        control = started;
        BufferedReader lines = started.inputReader(StandardCharsets.UTF_8);
        String ready = lines.readLine();
        if (ready == null) {
            throw new IllegalStateException("the control plane ended before it was ready");
        }
        JsonObject ports = JsonParser.parseString(ready).getAsJsonObject();
        port = ports.get("port").getAsInt();
        consolePort = ports.get("consolePort").getAsInt();
        connect();
    }

    private synchronized void connect() throws IOException {
        ManagedChannel opened = Grpc.newChannelBuilder(
                        target(),
                        TlsChannelCredentials.newBuilder()
                                .keyManager(
                                        file(AGENTS + ".crt").toFile(),
                                        file(AGENTS + ".key").toFile())
                                .trustManager(file("control.crt").toFile())
                                .build())
                .build();
        channel = opened;
        streams.clear();
        for (int i = 0; i < hosts; i++) {
            streams.add(silent(i) ? null : FleetGrpc.newStub(opened).report(new Unheard()));
        }
    }

    /// The agent's half of the stream is all that counts here; a broken one is opened again with the control plane.
    private static final class Unheard implements StreamObserver<ReportReply> {
        @Override
        public void onNext(ReportReply reply) {
            // The pace is ours.
        }

        @Override
        public void onError(Throwable broken) {
            // The control plane was ended.
        }

        @Override
        public void onCompleted() {
            // As above.
        }
    }

    /// Ends the control plane; its agents stay silent until it is started again.
    synchronized void stopControl() {
        streams.clear();
        if (channel != null) {
            channel.shutdownNow();
            channel = null;
        }
        if (control != null) {
            control.destroy();
            try {
                control.waitFor();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
            control = null;
        }
    }

    static boolean silent(int host) {
        return host % 40 == 39;
    }

    private synchronized void report() {
        sequence++;
        for (int i = 0; i < streams.size(); i++) {
            StreamObserver<HostReport> stream = streams.get(i);
            if (stream != null) {
                stream.onNext(report(i));
            }
        }
    }

    private HostReport report(int host) {
        boolean pages = host % 16 == 0;
        boolean slow = host % 33 == 5;
        double rate = pages ? THRESHOLD * (3 + random.nextDouble()) : 40 * random.nextDouble();
        HostReport.Builder report = HostReport.newBuilder()
                .setHost(host(host))
                .setSequence(sequence)
                .setCpuBusy(0.3 + 0.4 * random.nextDouble())
                .setProcessors(4)
                .setPaging(PagingRates.newBuilder()
                        .setLoadedPerSecond(rate)
                        .setEvictedPerSecond(rate * 1.1)
                        .setFreePages(pages ? 0 : 4000 + random.nextInt(1000))
                        .setTotalPages(EPC_PAGES));
        for (int r = 0; r < 2; r++) {
            double millis = pages || slow ? 260 + 400 * random.nextDouble() : 70 + 60 * random.nextDouble();
            report.addReplicas(ReplicaReport.newBuilder()
                    .setReplica("replica-" + host + "-" + r)
                    .setModel(model(host, r))
                    .setArrivalsPerSecond(4 + 2 * random.nextDouble())
                    .setOutstanding(random.nextDouble())
                    .setLatencyP99Nanos((long) (millis * 1e6)));
        }
        return report.build();
    }

    @Override
    public void close() {
        ticks.shutdownNow();
        stopControl();
    }
}
