package s3ml.sim.loader;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.sim.platform.EnclaveIdentity;
import s3ml.sim.platform.SimulatedPlatform;

/// Starts, lists and ends the enclaves of one simulated platform. Thread-safe; several enclaves may be loaded at once.
/// Closing it ends them all.
public final class Loader implements AutoCloseable {
    /// What a process may take to drain before it is killed.
    private static final Duration GRACE = Duration.ofSeconds(8);
    /// Unix-domain socket addresses are limited to 108 bytes, so they lie in a short folder of their own.
    private static final int MAX_SOCKET_PATH = 100;

    private static final int MAX_ENCLAVES = 256;

    private final SimulatedPlatform platform;
    private final Path state;
    private final Path sockets;
    private final FileChannel lock;
    private final FileDigests jdkDigests = new FileDigests();
    private final Map<String, RunningEnclave> enclaves = new ConcurrentSkipListMap<>();
    private final AtomicLong started = new AtomicLong();

    private Loader(SimulatedPlatform platform, Path state, Path sockets, FileChannel lock) {
        this.platform = platform;
        this.state = state;
        this.sockets = sockets;
        this.lock = lock;
    }

    /// Takes the state folder, and removes the files of enclaves that an earlier platform left there.
    ///
    /// @throws S3mlException SIM-102 if another process holds the folder
    public static Loader open(SimulatedPlatform platform, Path state) {
        try {
            Files.createDirectories(state.resolve("logs"));
            FileChannel lock = lock(state);
            removeAll(state.resolve("enclaves"));
            Files.createDirectories(state.resolve("enclaves"));
            Path sockets = Files.createTempDirectory(
                    "s3ml-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            return new Loader(platform, state.toAbsolutePath(), sockets, lock);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileChannel lock(Path state) throws IOException {
        FileChannel lock = FileChannel.open(state.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (lock.tryLock() != null) {
                return lock;
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: the same refusal.
        }
        lock.close();
        throw new S3mlException(
                "SIM-102",
                "could not start the simulated platform",
                "another process uses its folder " + state,
                "end that process or name another folder");
    }

    /// The folder of the platform's sockets, readable by its owner only.
    Path sockets() {
        return sockets;
    }

    /// Measures and starts an enclave, and returns at once.
    ///
    /// @throws S3mlException SIM-104 if a file cannot be read, SIM-107 if the name is taken
    public void start(EnclaveSpec spec) {
        try {
            RunningEnclave enclave = prepared(spec);
            RunningEnclave before = enclaves.put(spec.name(), enclave);
            if (before != null) {
                before.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RunningEnclave prepared(EnclaveSpec spec) throws IOException {
        RunningEnclave current = enclaves.get(spec.name());
        if (enclaves.size() >= MAX_ENCLAVES || (current != null && current.alive())) {
            throw new S3mlException(
                    "SIM-107",
                    "could not start enclave " + spec.name(),
                    current != null ? "one of that name runs" : "the platform holds " + MAX_ENCLAVES + " already",
                    "choose another name or stop one");
        }
        long number = started.incrementAndGet();
        Path folder = state.resolve("enclaves").resolve(spec.name() + "-" + number);
        RunningEnclave.Stage stage =
                new RunningEnclave.Stage(folder, state.resolve("logs").resolve(spec.name() + ".log"));
        EnclaveIdentity identity;
        try {
            identity = identity(spec, stage(spec, folder));
        } catch (S3mlException e) {
            stage.remove();
            throw e;
        }
        Path socketPath = sockets.resolve(spec.name() + "-" + number);
        if (socketPath.toString().length() > MAX_SOCKET_PATH) {
            throw EnclaveSpec.invalid(
                    "the socket path " + socketPath + " is too long; set java.io.tmpdir to a shorter one");
        }
        EnclaveSocket socket = EnclaveSocket.open(platform, identity, spec.evidence(), socketPath);
        return RunningEnclave.start(spec, identity, stage, socket, socketPath);
    }

    /// Copies every file but the JDK's into the folder from which the enclave runs, and measures the copies.
    private EnclaveMeasurement stage(EnclaveSpec spec, Path folder) throws IOException {
        for (String group : List.of("classpath", "native", "data")) {
            Files.createDirectories(folder.resolve(group));
        }
        return EnclaveMeasurement.measure(
                spec,
                jdkDigests,
                (group, name, file) ->
                        FileDigests.copying(file, folder.resolve(group).resolve(name)));
    }

    private EnclaveIdentity identity(EnclaveSpec spec, EnclaveMeasurement measurement) {
        EnclaveSpec.SignerStatement statement = spec.signature();
        SignerKey signer = SignerKey.openOrCreate(statement.key().orElse(state.resolve("signer.key")));
        return EnclaveIdentity.of(
                measurement.mrEnclave().bytes(),
                measurement.mrTd(),
                new EnclaveIdentity.Signed(
                        signer.mrSigner().bytes(),
                        statement.productId(),
                        statement.securityVersion(),
                        statement.debug()));
    }

    /// Waits until the enclave says that it is ready, and describes it.
    ///
    /// @throws S3mlException SIM-105 if it ended first, SIM-106 if the time ran out, SIM-108 if there is none of that
    /// name
    public JsonObject awaitReady(String name, Duration limit) throws InterruptedException {
        RunningEnclave enclave = find(name);
        enclave.awaitReady(limit);
        return enclave.describe();
    }

    /// Asks the enclave to end (SIGTERM), kills it if it does not, and describes it.
    public JsonObject stop(String name) throws InterruptedException {
        RunningEnclave enclave = find(name);
        enclave.terminate();
        enclave.awaitEnd(GRACE);
        return enclave.describe();
    }

    /// Ends the enclave without warning (SIGKILL), as a power cut would, and describes it.
    public JsonObject kill(String name) throws InterruptedException {
        RunningEnclave enclave = find(name);
        enclave.kill();
        enclave.awaitEnd(GRACE);
        return enclave.describe();
    }

    /// Describes all enclaves, ended ones included.
    public List<JsonObject> list() {
        return enclaves.values().stream().map(RunningEnclave::describe).toList();
    }

    private RunningEnclave find(String name) {
        RunningEnclave enclave = enclaves.get(name);
        if (enclave == null) {
            throw new S3mlException(
                    "SIM-108", "no such enclave", "none is called \"" + name + "\"", "list the enclaves");
        }
        return enclave;
    }

    @Override
    public void close() {
        List<RunningEnclave> alive = new ArrayList<>(enclaves.values());
        alive.forEach(RunningEnclave::terminate);
        try {
            for (RunningEnclave enclave : alive) {
                enclave.awaitEnd(GRACE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            alive.forEach(RunningEnclave::close);
        }
        try {
            removeAll(sockets);
            removeAll(state.resolve("enclaves"));
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void removeAll(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        }
    }
}
