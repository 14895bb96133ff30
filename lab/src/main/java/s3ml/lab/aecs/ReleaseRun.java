package s3ml.lab.aecs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import s3ml.attest.json.JsonObject;
import s3ml.lab.faults.EtcdCluster;
import s3ml.lab.serve.Folders;
import s3ml.lab.serve.Usage;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.loader.Distribution;
import s3ml.sim.platform.NamedEnclave;
import s3ml.sim.platform.SimulatedPlatform;

/// One measurement: the AECS of this build, started and measured as an enclave is, asked by several enclaves at once.
///
/// The AECS has the first core for itself and everything else the other ones, where there are several.
final class ReleaseRun implements AutoCloseable {
    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final int NODES = 3;
    private static final int WARM_UP = 1000;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final String SERVICE = "lab";
    /// Above what one machine can ask: the limit is not what is measured here.
    private static final int CALLS_PER_SECOND = 1_000_000;

    private final Path folder;
    private final Deployment deployment;
    private final Deployment.AecsSession aecs;
    private final SimulatedPlatform platform;
    private final List<AecsChannel> channels = new ArrayList<>();

    private ReleaseRun(String store) throws IOException {
        this.folder = Files.createTempDirectory("s3ml-lab-release");
        this.deployment = Deployment.start(Distribution.at(Path.of(System.getProperty("s3ml.home", "."))), folder);
        JsonObject.Builder config = deployment
                .aecsConfig(store.isEmpty() ? deployment.sqlite() : store)
                .put("peerCallsPerSecond", CALLS_PER_SECOND);
        if (store.startsWith("etcd:")) {
            config.put("rootFile", folder.resolve("root.sealed").toString());
        }
        this.aecs = deployment.startAecs(config.build());
        this.platform = SimulatedPlatform.open(folder.resolve("platform"), InstantSource.system());
    }

    /// What was measured.
    record Figures(
            String store,
            double perSecond,
            double p50Millis,
            double p99Millis,
            double startSeconds,
            double residentMegabytes,
            double processorMillis) {}

    /// Over a SQLite file of its own.
    static Figures onSqlite(int clients, int seconds) throws Exception {
        return on("", clients, seconds);
    }

    /// Over three nodes of its own, of that etcd.
    static Figures onEtcd(Path server, int clients, int seconds) throws Exception {
        Path folder = Files.createTempDirectory("s3ml-lab-etcd");
        try (EtcdCluster cluster = EtcdCluster.start(new EtcdCluster.Setup(server, folder, NODES, 0))) {
            // The first core is the AECS's.
            cluster.processes().forEach(ReleaseRun::keepOffTheFirstCore);
            return on("etcd:" + String.join(",", cluster.endpoints()), clients, seconds);
        } finally {
            Folders.remove(folder);
        }
    }

    /// @param store as in `aecs.json`; empty: a SQLite file of its own
    static Figures on(String store, int clients, int seconds) throws Exception {
        try (ReleaseRun run = new ReleaseRun(store)) {
            run.prepare();
            run.load(clients, WARM_UP, Long.MAX_VALUE);
            Usage usage = new Usage(run.aecs.pid());
            long before = usage.processorTime().toNanos();
            List<Long> latencies = run.load(clients, Integer.MAX_VALUE, System.nanoTime() + seconds * 1_000_000_000L);
            long spent = usage.processorTime().toNanos() - before;
            latencies.sort(Comparator.naturalOrder());
            return new Figures(
                    store.isEmpty() ? "sqlite" : store.substring(0, store.indexOf(':')),
                    latencies.size() / (double) seconds,
                    latencies.get(latencies.size() / 2) / NANOS_PER_MILLI,
                    latencies.get(latencies.size() * 99 / 100) / NANOS_PER_MILLI,
                    run.aecs.untilReady().toNanos() / 1e9,
                    usage.residentMb(),
                    spent / NANOS_PER_MILLI / latencies.size());
        }
    }

    private void prepare() {
        if (CORES > 1) {
            keepOffTheFirstCore(ProcessHandle.current().pid());
            new Usage(aecs.pid()).pin("0");
        }
        aecs.createService(SERVICE)
                .setPolicy(NamedEnclave.of(platform, "server").policy(), 0);
    }

    private static void keepOffTheFirstCore(long pid) {
        if (CORES > 1) {
            new Usage(pid).pin("1-" + (CORES - 1));
        }
    }

    /// Asks for leases until `each` client had so many, or until the time has come.
    private List<Long> load(int clients, int each, long until) throws Exception {
        List<Long> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(clients)) {
            List<Future<List<Long>>> results = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                AecsChannel channel = aecs.connect();
                channels.add(channel);
                KeyReleaseClient client = new KeyReleaseClient(channel, NamedEnclave.of(platform, "server"));
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
            try (Lease lease = client.release(SERVICE)) {
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
        aecs.close();
        deployment.close();
        Folders.remove(folder);
    }
}
