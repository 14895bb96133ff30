package s3ml.lab.emulated;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import s3ml.lab.serve.Folders;
import s3ml.sim.cli.S3mlSim;

/// One emulated host: a pool of EPC pages in memory with its reclaimer, and whoever shares it. Closing it ends all its
/// processes and frees the pool.
public final class EmulatedHost implements AutoCloseable {
    private final String name;
    private final Path folder;
    private final Path pool;
    private final Child epc;
    private final Map<String, Integer> metrics = new LinkedHashMap<>();
    private final List<Child> others = new ArrayList<>();
    private @Nullable Child antagonist;
    private @Nullable Child agent;

    private EmulatedHost(String name, Path folder, Path pool, Child epc) {
        this.name = name;
        this.folder = folder;
        this.pool = pool;
        this.epc = epc;
    }

    /// Starts a host without enclaves.
    ///
    /// @param folder where its logs go
    /// @param pages of its EPC
    public static EmulatedHost start(String name, Path folder, int pages) throws IOException {
        Path memory = Path.of("/dev/shm");
        Path pool = Files.isWritable(memory)
                ? Files.createTempDirectory(memory, "s3ml-epc-")
                : Files.createTempDirectory("s3ml-epc-");
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> Folders.remove(pool)));
        Child epc = Child.java(
                folder.resolve(name + "-epc.log"),
                S3mlSim.class.getName(),
                "sim",
                "epc",
                "--dir",
                pool.toString(),
                "--pages",
                Integer.toString(pages));
        return new EmulatedHost(name, folder, pool, epc);
    }

    String name() {
        return name;
    }

    /// Folder of the pool, for [s3ml.sim.epc.PagedModels#describe].
    public Path pool() {
        return pool;
    }

    /// A replica of this host, whose metrics the agent is to read.
    public void serves(String replica, int metricsPort) {
        metrics.put(replica, metricsPort);
    }

    /// A process that ends with the host.
    void add(Child child) {
        others.add(child);
    }

    /// Starts somebody else's enclave, in place of the one before.
    ///
    /// @param sweepMillis between the beginnings of two walks
    public void antagonist(int pages, int sweepMillis) throws IOException {
        quiet();
        antagonist = Child.java(
                folder.resolve(name + "-antagonist.log"),
                S3mlSim.class.getName(),
                "sim",
                "epc",
                "antagonist",
                "--dir",
                pool.toString(),
                "--pages",
                Integer.toString(pages),
                "--sweep-millis",
                Integer.toString(sweepMillis));
    }

    /// Ends somebody else's enclave.
    public void quiet() {
        Optional.ofNullable(antagonist).ifPresent(Child::close);
        antagonist = null;
    }

    /// Starts the agent, which reports to a control plane.
    void agent(FleetKeys keys, int controlPort) throws IOException {
        List<String> arguments = new ArrayList<>(keys.agentOptions(name, controlPort));
        arguments.add("--emulated=" + pool.resolve("parameters"));
        metrics.forEach(
                (replica, port) -> arguments.add("--replica=" + replica + "=http://127.0.0.1:" + port + "/metrics"));
        agent = Child.java(
                folder.resolve(name + "-agent.log"), "s3ml.agent.AgentMain", arguments.toArray(String[]::new));
        others.add(agent);
    }

    /// Processor time that the agent has taken, its start included.
    Duration agentTime() {
        return Optional.ofNullable(agent)
                .flatMap(running -> running.process().info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    /// Pages loaded back since the pool was made, as the driver would count them.
    long loadedBack() throws IOException {
        return Long.parseLong(
                Files.readString(pool.resolve("parameters/sgx_loaded_back")).strip());
    }

    @Override
    public void close() {
        quiet();
        others.reversed().forEach(Child::close);
        epc.close();
        Folders.remove(pool);
    }
}
