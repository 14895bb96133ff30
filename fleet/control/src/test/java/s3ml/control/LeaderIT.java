package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.TlsChannelCredentials;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.wire.fleet.ConsoleGrpc;
import s3ml.wire.fleet.ExplainRequest;
import s3ml.wire.fleet.Explanation;
import s3ml.wire.fleet.HostExplanation;

/// Two control planes as processes over one lease: the one that decides is killed, and the other takes its ports, its
/// agent and its replicas.
final class LeaderIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder = Path.of("");

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end_everything() throws Exception {
        for (Process process : started) {
            process.destroyForcibly().waitFor();
        }
        LocalReplicas.endAll(folder.resolve("replicas"), Duration.ofSeconds(10));
    }

    private Process java(String main, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                main));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        started.add(process);
        return process;
    }

    private Process control(int port, int xdsPort) throws IOException {
        return java(
                "s3ml.control.ControlMain",
                List.of(
                        "run",
                        "--config=" + folder.resolve("fleet.json"),
                        "--replicas=" + folder.resolve("replicas"),
                        "--lease=" + folder.resolve("lease"),
                        "--port=" + port,
                        "--xds-port=" + xdsPort,
                        "--certificate=" + folder.resolve("control.crt"),
                        "--key=" + folder.resolve("control.key"),
                        "--clients=" + folder.resolve("h1.crt")));
    }

    private static CompletableFuture<String> ready(Process process) {
        return CompletableFuture.supplyAsync(() -> {
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            try {
                return String.valueOf(output.readLine());
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    private static void await(String what, BooleanSupplier holds) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!holds.getAsBoolean()) {
            assertThat(System.nanoTime()).as("within 60 s: " + what).isLessThan(end);
            Thread.sleep(100);
        }
    }

    /// Whether that control plane hears the agent and has that replica.
    private static boolean knows(ManagedChannel channel, String replica) {
        try {
            Explanation explanation = ConsoleGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(5, TimeUnit.SECONDS)
                    .explain(ExplainRequest.getDefaultInstance());
            HostExplanation host = explanation.getHosts(0);
            return host.hasReport()
                    && host.getReplicasList().stream()
                            .anyMatch(each -> each.getReplica().equals(replica));
        } catch (StatusRuntimeException notNow) {
            return false;
        }
    }

    private Path recordFile() {
        return folder.resolve("replicas").resolve("m-1.properties");
    }

    private String record() throws IOException {
        return Files.readString(recordFile());
    }

    @Test
    void a_control_plane_that_is_killed_is_followed_by_the_one_that_stands_by() throws Exception {
        TestKeys.make(folder, "control");
        TestKeys.make(folder, "h1");
        Files.writeString(folder.resolve("fleet.json"), """
                {"tickMillis": 200,
                 "models": [{"name": "m", "objectiveMillis": 200, "serviceMillis": 60, "workingSetPages": 9000,
                   "start": ["/bin/sh", "-c", "echo '{\\"ready\\":true,\\"grpcPort\\":7001}'; exec sleep 600"]}],
                 "hosts": [{"name": "h1"}]}
                """);
        int port = EnvoyIT.freePort();
        int xdsPort = EnvoyIT.freePort();
        Process leader = control(port, xdsPort);
        assertThat(ready(leader).get(60, TimeUnit.SECONDS)).contains("\"ready\":true");
        Process standby = control(port, xdsPort);
        CompletableFuture<String> standbyReady = ready(standby);
        Process agent = java(
                "s3ml.agent.AgentMain",
                List.of(
                        "--interval-millis=200",
                        "--control=127.0.0.1:" + port,
                        "--ca=" + folder.resolve("control.crt"),
                        "--certificate=" + folder.resolve("h1.crt"),
                        "--key=" + folder.resolve("h1.key")));
        ManagedChannel channel = Grpc.newChannelBuilder(
                        "127.0.0.1:" + port,
                        TlsChannelCredentials.newBuilder()
                                .keyManager(
                                        folder.resolve("h1.crt").toFile(),
                                        folder.resolve("h1.key").toFile())
                                .trustManager(folder.resolve("control.crt").toFile())
                                .build())
                .build();
        try {
            await("a report of the agent", () -> knows(channel, "m-1"));
            String before = record();
            assertThat(standbyReady).isNotDone();

            leader.destroyForcibly().waitFor();
            assertThat(standbyReady.get(60, TimeUnit.SECONDS)).contains("\"port\":" + port);
            await("the same at its successor", () -> knows(channel, "m-1"));

            assertThat(record()).isEqualTo(before);
            assertThat(agent.isAlive()).isTrue();
            assertThat(standby.isAlive()).isTrue();
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void replicas_outlive_their_control_plane_and_end_when_they_are_told() throws Exception {
        TestKeys.make(folder, "control");
        TestKeys.make(folder, "h1");
        Files.writeString(folder.resolve("fleet.json"), """
                {"models": [{"name": "m", "objectiveMillis": 200, "serviceMillis": 60, "workingSetPages": 9000, "minReplicas": 2,
                   "start": ["/bin/sh", "-c", "echo '{\\"ready\\":true,\\"grpcPort\\":7001}'; exec sleep 600"]}],
                 "hosts": [{"name": "h1"}]}
                """);
        Process control = control(0, 0);
        assertThat(ready(control).get(60, TimeUnit.SECONDS)).contains("\"ready\":true");
        int refused = ControlMain.commandLine().execute("end", "--replicas=" + folder.resolve("replicas"));
        control.destroy();
        assertThat(control.waitFor(20, TimeUnit.SECONDS)).isTrue();
        long pid = ReplicaFolder.read(recordFile()).orElseThrow().pid();
        boolean outlived = ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);

        int ended = ControlMain.commandLine().execute("end", "--replicas=" + folder.resolve("replicas"));

        assertThat(refused).isEqualTo(1);
        assertThat(outlived).isTrue();
        assertThat(ended).isZero();
        assertThat(ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false))
                .isFalse();
        assertThat(recordFile()).doesNotExist();
    }
}
