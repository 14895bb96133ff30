package s3ml.control;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import s3ml.wire.fleet.ReplicaConfig;

/// One replica as a process of this machine. It outlives the control plane: its output goes to files, and whoever comes
/// next takes it over. Not thread-safe.
final class ReplicaProcess {
    /// A server that attests itself and loads its models takes seconds; many that start at once take longer.
    private static final Duration LONGEST_START = Duration.ofMinutes(2);
    /// Balancers learn within a tick or two that it takes no more connections; until then it still accepts them.
    private static final Duration SPREADING = Duration.ofSeconds(6);
    /// What is under way is answered meanwhile.
    private static final Duration LONGEST_END = Duration.ofSeconds(60);
    /// The system tells the start of a process by a clock that may be adjusted.
    private static final long CLOCK_MILLIS = 2_000;

    private final ReplicaFolder.Entry entry;
    private final ReplicaFolder folder;
    private final ProcessHandle process;
    private @Nullable Ports ports;
    private @Nullable Instant servingSince;
    private @Nullable Instant leavingSince;
    private boolean asked;

    /// What its ready line says.
    private record Ports(int grpc, int rest, int metrics) {}

    private ReplicaProcess(ReplicaFolder.Entry entry, ReplicaFolder folder, ProcessHandle process) {
        this.entry = entry;
        this.folder = folder;
        this.process = process;
    }

    /// Starts one and writes it down.
    ///
    /// @param command program and arguments, in which `{host}` and `{replica}` are replaced
    /// @throws IOException when the program cannot be started
    static ReplicaProcess start(ReplicaFolder folder, List<String> command, String name, String model, String host)
            throws IOException {
        List<String> filled = command.stream()
                .map(word -> word.replace("{host}", host).replace("{replica}", name))
                .toList();
        Process process = new ProcessBuilder(filled)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(folder.output(name).toFile())
                .redirectError(folder.freshLog(name).toFile())
                .start();
        long began = began(process.toHandle()).orElse(0L);
        ReplicaFolder.Entry entry = new ReplicaFolder.Entry(name, model, host, process.pid(), began);
        ReplicaProcess started = new ReplicaProcess(entry, folder, process.toHandle());
        try {
            folder.write(entry);
        } catch (IOException e) {
            // Nobody would find it again.
            started.kill();
            throw e;
        }
        return started;
    }

    /// One that an earlier control plane started; empty when its process is gone.
    static Optional<ReplicaProcess> found(ReplicaFolder folder, ReplicaFolder.Entry entry) {
        return ProcessHandle.of(entry.pid())
                .filter(process -> Math.abs(began(process).orElse(0L) - entry.startedMillis()) <= CLOCK_MILLIS)
                .map(process -> new ReplicaProcess(entry, folder, process));
    }

    private static Optional<Long> began(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli);
    }

    String name() {
        return entry.replica();
    }

    String model() {
        return entry.model();
    }

    String host() {
        return entry.host();
    }

    /// Looks what it does, and goes on with what was begun.
    ///
    /// @return whether its process is still there
    boolean look(Instant now) {
        if (!process.isAlive()) {
            return false;
        }
        Instant leaving = leavingSince;
        if (leaving != null) {
            Duration since = Duration.between(leaving, now);
            if (since.compareTo(SPREADING.plus(LONGEST_END)) >= 0) {
                kill();
            } else if (since.compareTo(SPREADING) >= 0 && !asked) {
                end();
            }
        } else if (ports == null) {
            ports = folder.readyLine(name()).flatMap(ReplicaProcess::ports).orElse(null);
            if (ports != null) {
                servingSince = now;
            } else if (now.toEpochMilli() - entry.startedMillis() > LONGEST_START.toMillis()) {
                kill();
            }
        }
        return true;
    }

    /// The ports of a server whose models answer; one without them is not ready, whatever else it says.
    private static Optional<Ports> ports(String line) {
        Struct.Builder ready = Struct.newBuilder();
        try {
            JsonFormat.parser().merge(line, ready);
        } catch (InvalidProtocolBufferException noReadyLine) {
            return Optional.empty();
        }
        Value models = ready.getFieldsOrDefault(
                "modelsReady", Value.newBuilder().setBoolValue(true).build());
        Ports ports = new Ports(port(ready, "grpcPort"), port(ready, "restPort"), port(ready, "metricsPort"));
        return ports.grpc > 0 && models.getBoolValue() ? Optional.of(ports) : Optional.empty();
    }

    private static int port(Struct.Builder ready, String name) {
        return (int) ready.getFieldsOrDefault(name, Value.getDefaultInstance()).getNumberValue();
    }

    /// Takes it out of the fleet, and ends it when that has spread.
    void leave(Instant now) {
        leavingSince = now;
    }

    boolean leaving() {
        return leavingSince != null;
    }

    /// How long it has served; zero before it did.
    Duration served(Instant now) {
        return servingSince == null ? Duration.ZERO : Duration.between(servingSince, now);
    }

    /// Asks it to end at once.
    void end() {
        asked = true;
        process.destroy();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /// Ends it with all that it started: the server may be the child of what starts enclaves.
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /// As a member of the fleet.
    ReplicaConfig config() {
        Ports now = ports == null ? new Ports(0, 0, 0) : ports;
        ReplicaConfig.Phase phase = ports == null ? ReplicaConfig.Phase.STARTING : ReplicaConfig.Phase.SERVING;
        return ReplicaConfig.newBuilder()
                .setName(name())
                .setModel(model())
                .setAddress("127.0.0.1")
                .setPort(now.grpc)
                .setRestPort(now.rest)
                .setMetricsPort(now.metrics)
                .setPhase(leaving() ? ReplicaConfig.Phase.ENDING : phase)
                .build();
    }
}
