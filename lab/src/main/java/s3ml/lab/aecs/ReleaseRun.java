package s3ml.lab.aecs;

import com.google.protobuf.ByteString;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import s3ml.attest.Appraiser;
import s3ml.attest.Policy;
import s3ml.attest.json.Json;
import s3ml.client.admin.AdminClient;
import s3ml.lab.serve.Usage;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.Signatures;
import s3ml.sim.platform.NamedEnclave;
import s3ml.sim.platform.PccsServer;
import s3ml.sim.platform.SimulatedPlatform;

/// One measurement: an AECS in a process of its own under the options an enclave has, asked by several enclaves at
/// once.
final class ReleaseRun implements AutoCloseable {
    private static final int WARM_UP = 300;
    private static final double NANOS_PER_MILLI = 1e6;

    private final Path folder;
    private final SimulatedPlatform platform;
    private final KeyPair admin = Signatures.generate();
    private final PccsServer pccs;
    private final Process process;
    private final int port;
    private final double startSeconds;
    private final List<AecsChannel> channels = new ArrayList<>();

    private ReleaseRun(String store) throws IOException {
        this.folder = Files.createTempDirectory("s3ml-lab-release");
        this.platform = SimulatedPlatform.open(folder.resolve("platform"), InstantSource.system());
        this.pccs = PccsServer.start(platform);
        Path config = folder.resolve("aecs.json");
        Files.writeString(config, """
                {"store": "%s", "rootFile": "%s", "admins": ["%s"], "pccs": "%s", "leaseSeconds": 600}""".formatted(
                        store.isEmpty() ? "sqlite:" + folder.resolve("aecs.db") : store,
                        folder.resolve("aecs.root"),
                        Base64.getEncoder().encodeToString(admin.getPublic().getEncoded()),
                        pccs.address()));
        long start = System.nanoTime();
        this.process = new ProcessBuilder(command(config))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
        String line = lines.readLine();
        if (line == null) {
            throw new IllegalStateException("the AECS ended before it was ready");
        }
        this.startSeconds = (System.nanoTime() - start) / 1e9;
        this.port = Math.toIntExact(Json.parseObject(line).number("port"));
    }

    /// What was measured.
    record Figures(
            String store,
            double perSecond,
            double p50Millis,
            double p99Millis,
            double startSeconds,
            double residentMegabytes) {}

    static Figures measure(String store, int clients, int seconds) throws Exception {
        try (ReleaseRun run = new ReleaseRun(store)) {
            run.prepare();
            run.load(clients, WARM_UP, Long.MAX_VALUE);
            long nanos = seconds * 1_000_000_000L;
            List<Long> latencies = run.load(clients, Integer.MAX_VALUE, System.nanoTime() + nanos);
            latencies.sort(Comparator.naturalOrder());
            return new Figures(
                    store.isEmpty() ? "sqlite" : store.substring(0, store.indexOf(':')),
                    latencies.size() / (double) seconds,
                    latencies.get(latencies.size() / 2) / NANOS_PER_MILLI,
                    latencies.get(latencies.size() * 99 / 100) / NANOS_PER_MILLI,
                    run.startSeconds,
                    new Usage(run.process.pid()).residentMb());
        }
    }

    private List<String> command(Path config) {
        List<String> command = new ArrayList<>();
        // One core, as the goal is stated; where the tool is missing the figure is for all of them.
        if (Files.isExecutable(Path.of("/usr/bin/taskset"))) {
            command.addAll(List.of("/usr/bin/taskset", "-c", "0"));
        }
        command.addAll(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                LabAecs.class.getName(),
                folder.resolve("platform").toString(),
                config.toString(),
                "0"));
        return command;
    }

    private AecsChannel channel() {
        AecsVerifier verifier = new AecsVerifier(
                new Appraiser(NativeCrypto.provider()),
                Policy.parse(NamedEnclave.of(platform, "aecs").policy()),
                NamedEnclave.collateral(platform),
                InstantSource.system());
        AecsChannel channel = new AecsChannel(List.of(new Endpoint("127.0.0.1", port)), verifier, new SecureRandom());
        channels.add(channel);
        return channel;
    }

    private void prepare() {
        AdminClient client = new AdminClient(channel(), admin);
        client.execute(command -> command.getCreateServiceBuilder()
                .setService("lab")
                .setServiceAdminKey(client.publicKey())
                .addNames("lab.example"));
        ByteString policy =
                ByteString.copyFromUtf8(NamedEnclave.of(platform, "server").policy());
        client.execute(
                command -> command.getSetPolicyBuilder().setService("lab").setPolicyJson(policy));
    }

    /// Asks for leases until `each` client had so many, or until the time has come.
    private List<Long> load(int clients, int each, long until) throws Exception {
        List<Long> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Future<List<Long>>> results = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                KeyReleaseClient client = new KeyReleaseClient(channel(), NamedEnclave.of(platform, "server"));
                results.add(threads.submit(() -> client(client, each, until)));
            }
            for (Future<List<Long>> result : results) {
                all.addAll(result.get());
            }
        }
        return all;
    }

    private static List<Long> client(KeyReleaseClient client, int count, long until) {
        List<Long> latencies = new ArrayList<>();
        for (int i = 0; i < count && System.nanoTime() < until; i++) {
            long start = System.nanoTime();
            try (Lease lease = client.release("lab")) {
                latencies.add(System.nanoTime() - start);
                if (lease.serial().isEmpty()) {
                    throw new IllegalStateException("a lease without serial");
                }
            }
        }
        return latencies;
    }

    @Override
    public void close() throws IOException {
        channels.forEach(AecsChannel::close);
        process.destroy();
        process.onExit().join();
        pccs.close();
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
