package s3ml.lab.faults;

import com.google.protobuf.ByteString;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import s3ml.attest.Appraiser;
import s3ml.attest.Policy;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.admin.AdminClient;
import s3ml.lab.aecs.LabAecs;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;
import s3ml.protocol.NativeCrypto;
import s3ml.protocol.Signatures;
import s3ml.sim.platform.NamedEnclave;
import s3ml.sim.platform.PccsServer;
import s3ml.sim.platform.SimulatedPlatform;
import s3ml.wire.aecs.CommandResult;
import s3ml.wire.aecs.SetReplicaPolicy;
import s3ml.wire.aecs.ShowAecs;

/// Attested replicas of one AECS, each a process of its own, over one store: to be killed, stopped, and started again.
///
/// Ends every process it started. Not for use by several threads, but for [#channel].
///
/// Codes: `LAB-122` a replica does not get ready.
final class AecsReplicas implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    /// As a vendor's: not issued this minute, so that a clock that is a little behind is not before it.
    private static final Duration COLLATERAL_AGE = Duration.ofHours(1);

    private final Path folder;
    private final String store;
    private final int[] ports;
    private final SimulatedPlatform platform;
    private final Door pccsDoor;
    private final PccsServer pccs;
    private final KeyPair admin = Signatures.generate();
    private final List<@Nullable Process> processes = new ArrayList<>();
    private JsonArray witnesses = new JsonArray(List.of());
    private int witnessesNeeded;

    private AecsReplicas(Path folder, String store, int replicas) throws IOException {
        this.folder = folder;
        this.store = store;
        this.ports = EtcdCluster.freePorts(replicas);
        this.platform = SimulatedPlatform.open(
                folder.resolve("platform"),
                () -> InstantSource.system().instant().minus(COLLATERAL_AGE));
        this.pccs = PccsServer.start(platform);
        this.pccsDoor = Door.before(pccs.address().getPort());
        for (int i = 0; i < replicas; i++) {
            processes.add(null);
        }
    }

    /// How one replica is started.
    ///
    /// @param clockAhead of the machine's clock; negative = behind
    /// @param fileKilobytes the most that a file of it may hold, as if the disk were full then; empty = no limit
    record Start(Duration clockAhead, Optional<Long> fileKilobytes) {
        static final Start USUAL = new Start(Duration.ZERO, Optional.empty());

        static Start ahead(Duration time) {
            return new Start(time, Optional.empty());
        }
    }

    /// Makes a new AECS with its first replica; with several, lets the others join it.
    ///
    /// @param store as in `aecs.json`
    static AecsReplicas start(Path folder, String store, List<Start> starts) {
        AecsReplicas replicas;
        try {
            replicas = new AecsReplicas(folder, store, starts.size());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        try {
            replicas.start(0, starts.getFirst());
            if (starts.size() > 1) {
                replicas.allowReplicas();
            }
            for (int i = 1; i < starts.size(); i++) {
                replicas.start(i, starts.get(i));
            }
            return replicas;
        } catch (RuntimeException e) {
            replicas.close();
            throw e;
        }
    }

    private void allowReplicas() {
        try (AecsChannel channel = channel()) {
            AdminClient client = new AdminClient(channel, admin);
            CommandResult seen = client.execute(command -> command.setShowAecs(ShowAecs.getDefaultInstance()));
            client.execute(command -> command.setExpectedVersion(seen.getVersion())
                    .setSetReplicaPolicy(SetReplicaPolicy.newBuilder()
                            .setPolicyJson(ByteString.copyFromUtf8(
                                    NamedEnclave.of(platform, LabAecs.NAME).policy()))));
        }
    }

    int size() {
        return ports.length;
    }

    KeyPair admin() {
        return admin;
    }

    /// The file of a SQLite store.
    Path database() {
        return Path.of(store.substring(store.indexOf(':') + 1));
    }

    /// The PCCS that all replicas ask can be taken away.
    Door pccs() {
        return pccsDoor;
    }

    /// An enclave that may get keys, as [NamedEnclave#policy] says.
    NamedEnclave server() {
        return NamedEnclave.of(platform, "server");
    }

    /// An attested connection to any of the replicas.
    AecsChannel channel() {
        AecsVerifier verifier = new AecsVerifier(
                new Appraiser(NativeCrypto.provider()),
                Policy.parse(NamedEnclave.of(platform, LabAecs.NAME).policy()),
                NamedEnclave.collateral(platform),
                InstantSource.system());
        List<Endpoint> endpoints = IntStream.of(ports)
                .mapToObj(port -> new Endpoint("127.0.0.1", port))
                .toList();
        return new AecsChannel(endpoints, verifier, new SecureRandom());
    }

    /// The witnesses of all replicas that are started from now on.
    ///
    /// @param named as in `aecs.json`
    void witnesses(List<JsonObject> named, int needed) {
        witnesses = new JsonArray(List.copyOf(named));
        witnessesNeeded = needed;
    }

    /// Starts a replica, or starts it again over what it left.
    ///
    /// @throws S3mlException `LAB-122`
    void start(int replica, Start how) {
        try {
            Path config = config(replica);
            Process process = new ProcessBuilder(command(config, how))
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            folder.resolve("aecs" + replica + ".log").toFile()))
                    .start();
            processes.set(replica, process);
            BufferedReader lines = process.inputReader(StandardCharsets.UTF_8);
            // Ends the wait below: a process that is killed closes its output.
            var watchdog = java.util.concurrent.CompletableFuture.runAsync(
                    process::destroyForcibly,
                    java.util.concurrent.CompletableFuture.delayedExecutor(READY.toSeconds(), TimeUnit.SECONDS));
            String line = lines.readLine();
            watchdog.cancel(false);
            if (line == null || !Json.parseObject(line).bool("ready")) {
                throw new S3mlException(
                        "LAB-122",
                        "a replica of the AECS does not get ready",
                        Files.readString(folder.resolve("aecs" + replica + ".log"))
                                .lines()
                                .reduce("", (a, b) -> b),
                        "look into " + folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path config(int replica) throws IOException {
        List<String> peers = IntStream.range(0, ports.length)
                .filter(other -> other != replica)
                .mapToObj(other -> "127.0.0.1:" + ports[other])
                .toList();
        Path file = folder.resolve("aecs" + replica + ".json");
        Files.writeString(
                file,
                Json.write(JsonObject.builder()
                        .put("port", (long) ports[replica])
                        .put("store", store)
                        .put(
                                "rootFile",
                                folder.resolve("aecs" + replica + ".root").toString())
                        .put(
                                "admins",
                                JsonArray.ofStrings(List.of(Base64.getEncoder()
                                        .encodeToString(admin.getPublic().getEncoded()))))
                        .put("pccs", "http://127.0.0.1:" + pccsDoor.port())
                        .put("peers", JsonArray.ofStrings(peers))
                        .put("create", replica == 0)
                        .put("witnesses", witnesses)
                        .put("witnessesNeeded", witnessesNeeded)
                        .build()));
        return file;
    }

    private List<String> command(Path config, Start how) {
        List<String> java = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                LabAecs.class.getName(),
                folder.resolve("platform").toString(),
                config.toString(),
                Long.toString(how.clockAhead().toSeconds()));
        List<String> command = new ArrayList<>();
        how.fileKilobytes()
                .ifPresent(limit -> command.addAll(
                        List.of("/bin/bash", "-c", "ulimit -f " + limit + "; exec \"$@\" 2>/dev/null", "bash")));
        command.addAll(java);
        return command;
    }

    /// Ends a replica without warning (SIGKILL).
    void kill(int replica) {
        Process process = processes.get(replica);
        if (process == null) {
            return;
        }
        process.destroyForcibly().onExit().orTimeout(10, TimeUnit.SECONDS).join();
        processes.set(replica, null);
    }

    /// Asks a replica to end (SIGTERM), and waits until it has.
    void stop(int replica) {
        Process process = processes.get(replica);
        if (process != null) {
            process.destroy();
            process.onExit().orTimeout(READY.toSeconds(), TimeUnit.SECONDS).join();
            processes.set(replica, null);
        }
    }

    @Override
    public void close() {
        for (int i = 0; i < processes.size(); i++) {
            kill(i);
        }
        pccsDoor.close();
        pccs.close();
    }
}
