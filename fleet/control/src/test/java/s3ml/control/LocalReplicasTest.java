package s3ml.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.policy.FleetException;
import s3ml.policy.ScaleDecision;
import s3ml.wire.fleet.FleetConfig;
import s3ml.wire.fleet.ReplicaConfig;

/// Real processes (a shell that says it is ready, and waits), decisions made by hand, and a clock that is set.
final class LocalReplicasTest {
    private static final String SERVES =
            "echo '{\"ready\":true,\"grpcPort\":7001,\"restPort\":7002,\"metricsPort\":7003,\"modelsReady\":true}'; exec sleep 600";

    @TempDir
    private Path folder = Path.of("");

    private Instant now = Instant.now();
    private final List<LocalReplicas> opened = new ArrayList<>();

    @AfterEach
    void end_everything() throws Exception {
        opened.forEach(LocalReplicas::close);
        LocalReplicas.endAll(folder.resolve("replicas"), Duration.ofSeconds(10));
    }

    private FleetConfig config(String script, String counts) {
        return ConfigFile.parse("""
                {"models": [{"name": "m", "objectiveMillis": 200, "serviceMillis": 60, "workingSetPages": 9000,
                             "start": ["/bin/sh", "-c", "%s"]%s}],
                 "hosts": [{"name": "h1"}, {"name": "h2"}]}
                """.formatted(script.replace("\"", "\\\""), counts));
    }

    private LocalReplicas open(FleetConfig config) {
        LocalReplicas replicas = LocalReplicas.open(config, folder.resolve("replicas"), () -> now);
        opened.add(replicas);
        return replicas;
    }

    private static ScaleDecision decided(ScaleDecision.Action... actions) {
        return new ScaleDecision(
                Instant.EPOCH,
                Map.of(
                        "m",
                        new ScaleDecision.ModelScale(
                                "m", 0, List.of(actions), Instant.EPOCH, Instant.EPOCH, List.of())));
    }

    private static List<ReplicaConfig> all(FleetConfig fleet) {
        return fleet.getHostsList().stream()
                .flatMap(host -> host.getReplicasList().stream())
                .toList();
    }

    private static List<ReplicaConfig> in(FleetConfig fleet, ReplicaConfig.Phase phase) {
        return all(fleet).stream()
                .filter(replica -> replica.getPhase() == phase)
                .toList();
    }

    /// Looks, as ticks do, until it is so.
    private static FleetConfig until(LocalReplicas replicas, Predicate<FleetConfig> holds) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        FleetConfig fleet = replicas.follow(ScaleDecision.none());
        while (!holds.test(fleet)) {
            assertThat(System.nanoTime()).as("within 30 s: " + fleet).isLessThan(end);
            Thread.sleep(20);
            fleet = replicas.follow(ScaleDecision.none());
        }
        return fleet;
    }

    private static FleetConfig untilServing(LocalReplicas replicas, int count) throws Exception {
        return until(replicas, fleet -> in(fleet, ReplicaConfig.Phase.SERVING).size() == count);
    }

    private long pid(String replica) {
        return ReplicaFolder.read(folder.resolve("replicas").resolve(replica + ".properties"))
                .orElseThrow()
                .pid();
    }

    @Test
    void as_many_as_the_model_always_has_are_started_and_take_connections_once_they_are_ready() throws Exception {
        Path gate = folder.resolve("gate");
        LocalReplicas replicas =
                open(config("while [ ! -e " + gate + " ]; do sleep 0.05; done; " + SERVES, ", \"minReplicas\": 2"));

        FleetConfig before = replicas.follow(ScaleDecision.none());
        Files.createFile(gate);
        FleetConfig after = untilServing(replicas, 2);

        assertThat(in(before, ReplicaConfig.Phase.STARTING)).hasSize(2);
        assertThat(after.getHostsList())
                .allSatisfy(host -> assertThat(host.getReplicasList())
                        .singleElement()
                        .satisfies(replica -> assertThat(
                                        List.of(replica.getPort(), replica.getRestPort(), replica.getMetricsPort()))
                                .containsExactly(7001, 7002, 7003)));
    }

    @Test
    void a_decision_to_start_is_followed_on_its_host_up_to_the_most() throws Exception {
        LocalReplicas replicas = open(config(SERVES, ", \"maxReplicas\": 2"));
        replicas.follow(ScaleDecision.none());

        replicas.follow(decided(new ScaleDecision.Action.Start("h2")));
        FleetConfig full = replicas.follow(decided(new ScaleDecision.Action.Start("h2")));
        FleetConfig elsewhere = replicas.follow(decided(new ScaleDecision.Action.Start("nowhere")));

        assertThat(full.getHosts(0).getReplicasList()).hasSize(1);
        assertThat(full.getHosts(1).getReplicasList()).hasSize(1);
        assertThat(all(elsewhere)).hasSize(2);
    }

    @Test
    void a_replica_that_is_stopped_loses_its_connections_first_and_its_process_later_and_the_least_stay()
            throws Exception {
        LocalReplicas replicas = open(config(SERVES, ""));
        replicas.follow(ScaleDecision.none());
        replicas.follow(decided(new ScaleDecision.Action.Start("h2")));
        untilServing(replicas, 2);
        ProcessHandle process = ProcessHandle.of(pid("m-2")).orElseThrow();

        FleetConfig leaving = replicas.follow(decided(new ScaleDecision.Action.Stop("m-2", "h2")));
        FleetConfig last = replicas.follow(decided(new ScaleDecision.Action.Stop("m-1", "h1")));

        assertThat(in(leaving, ReplicaConfig.Phase.ENDING))
                .singleElement()
                .matches(replica -> replica.getName().equals("m-2"));
        assertThat(in(last, ReplicaConfig.Phase.SERVING)).hasSize(1);
        assertThat(process.isAlive()).isTrue();
        now = now.plusSeconds(7);
        until(replicas, fleet -> all(fleet).size() == 1);
        assertThat(process.isAlive()).isFalse();
    }

    @Test
    void a_replica_that_does_not_listen_is_killed_with_what_it_started() throws Exception {
        LocalReplicas replicas = open(config("trap '' TERM; " + SERVES.replace("exec sleep 600", "sleep 600; :"), ""));
        untilServing(replicas, 1);
        replicas.follow(decided(new ScaleDecision.Action.Start("h2")));
        untilServing(replicas, 2);
        ProcessHandle process = ProcessHandle.of(pid("m-2")).orElseThrow();
        List<ProcessHandle> children = process.descendants().toList();

        replicas.follow(decided(new ScaleDecision.Action.Stop("m-2", "h2")));
        now = now.plusSeconds(7);
        replicas.follow(ScaleDecision.none());
        now = now.plusSeconds(60);
        until(replicas, fleet -> all(fleet).size() == 1);

        assertThat(children).isNotEmpty();
        for (ProcessHandle child : children) {
            child.onExit().get(10, java.util.concurrent.TimeUnit.SECONDS);
        }
    }

    @Test
    void the_next_control_plane_takes_over_what_runs() throws Exception {
        FleetConfig config = config(SERVES, ", \"minReplicas\": 2");
        LocalReplicas first = open(config);
        FleetConfig before = untilServing(first, 2);
        long one = pid("m-1");
        first.close();

        LocalReplicas next = open(config);
        FleetConfig after = next.follow(ScaleDecision.none());

        assertThat(after).isEqualTo(before);
        assertThat(pid("m-1")).isEqualTo(one);
    }

    @Test
    void a_process_with_the_number_of_a_replica_that_is_gone_is_nobody() throws Exception {
        FleetConfig config = config(SERVES, "");
        LocalReplicas first = open(config);
        untilServing(first, 1);
        first.close();
        Path record = folder.resolve("replicas").resolve("m-1.properties");
        long replica = pid("m-1");
        Files.writeString(
                record,
                Files.readString(record)
                        .replace(
                                "pid=" + replica,
                                "pid=" + ProcessHandle.current().pid())
                        .replaceAll("startedMillis=\\d+", "startedMillis=1"));

        LocalReplicas next = open(config);
        untilServing(next, 1);

        assertThat(pid("m-1")).isNotEqualTo(ProcessHandle.current().pid()).isNotEqualTo(replica);
        ProcessHandle.of(replica).ifPresent(ProcessHandle::destroyForcibly);
    }

    @Test
    void a_replica_that_dies_is_replaced_and_one_that_always_dies_is_tried_ever_more_rarely() throws Exception {
        LocalReplicas replicas = open(config("echo started >> " + folder.resolve("starts") + "; exit 3", ""));

        for (int second = 0; second < 60; second++) {
            replicas.follow(ScaleDecision.none());
            for (ProcessHandle child : ProcessHandle.current().children().toList()) {
                child.onExit().get(10, java.util.concurrent.TimeUnit.SECONDS);
            }
            now = now.plusSeconds(1);
        }

        // Pauses of 1, 2, 4, 8, 16 and 32 s, each seen a second later.
        assertThat(Files.readAllLines(folder.resolve("starts")).size()).isBetween(4, 7);
    }

    @Test
    void a_replica_that_served_and_dies_is_replaced_at_once() throws Exception {
        LocalReplicas replicas = open(config(SERVES, ""));
        untilServing(replicas, 1);
        long first = pid("m-1");
        now = now.plusSeconds(31);

        ProcessHandle process = ProcessHandle.of(first).orElseThrow();
        process.destroyForcibly();
        process.onExit().get(10, java.util.concurrent.TimeUnit.SECONDS);
        FleetConfig fleet = replicas.follow(ScaleDecision.none());

        assertThat(in(fleet, ReplicaConfig.Phase.STARTING)).hasSize(1);
        assertThat(pid("m-1")).isNotEqualTo(first);
    }

    @Test
    void a_server_whose_models_do_not_answer_is_not_called_ready_and_given_up() throws Exception {
        LocalReplicas replicas = open(config(SERVES.replace("\"modelsReady\":true", "\"modelsReady\":false"), ""));
        replicas.follow(ScaleDecision.none());
        long first = pid("m-1");
        Path output = folder.resolve("replicas").resolve("m-1.out");
        until(replicas, fleet -> output.toFile().length() > 0);

        FleetConfig unready = replicas.follow(ScaleDecision.none());
        now = now.plusSeconds(121);
        until(replicas, fleet -> all(fleet).isEmpty());

        assertThat(in(unready, ReplicaConfig.Phase.STARTING)).hasSize(1);
        assertThat(ProcessHandle.of(first).map(ProcessHandle::isAlive)).isNotEqualTo(java.util.Optional.of(true));
    }

    @Test
    void a_program_that_is_not_there_is_told_and_hurts_nobody() {
        FleetConfig missing = ConfigFile.parse("""
                {"models": [{"name": "m", "objectiveMillis": 200, "serviceMillis": 60, "workingSetPages": 9000, "start": ["/no/such/program"]}],
                 "hosts": [{"name": "h1"}]}
                """);
        LocalReplicas replicas = open(missing);

        assertThat(all(replicas.follow(ScaleDecision.none()))).isEmpty();
        assertThat(all(replicas.follow(ScaleDecision.none()))).isEmpty();
    }

    @Test
    void two_control_planes_do_not_share_replicas() {
        FleetConfig config = config(SERVES, "");
        open(config);

        assertThatThrownBy(() -> open(config))
                .isInstanceOf(FleetException.class)
                .hasMessageStartingWith("CTL-107")
                .hasMessageContaining("a control plane that runs has it");
    }

    @Test
    void wrong_configurations_are_refused() {
        assertThatThrownBy(() -> config(SERVES, ", \"minReplicas\": 3, \"maxReplicas\": 2"))
                .hasMessageContaining("minReplicas is over maxReplicas");
        assertThatThrownBy(() -> ConfigFile.parse("""
                {"models": [{"name": "a b", "objectiveMillis": 200, "serviceMillis": 60, "start": ["x"]},
                            {"name": "m", "objectiveMillis": 200, "serviceMillis": 60, "minReplicas": 2}],
                 "hosts": [{"name": "h1", "replicas": [
                            {"name": "r1", "model": "a b", "address": "127.0.0.1", "port": 7001}]}]}
                """))
                .hasMessageContaining("letters, digits")
                .hasMessageContaining("list no replica of it")
                .hasMessageContaining("no \"start\" that says how");
    }
}
