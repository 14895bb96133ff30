package s3ml.lab.emulated;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.client.InferenceOptions;
import s3ml.control.ControlMain;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;

/// A control plane that starts attested model servers as processes of this machine, under the load of clients whose TLS
/// ends in them.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class ScaledFleetIT extends RealFleet {
    @Test
    void load_starts_a_second_server_and_one_that_dies_is_replaced_and_no_call_fails() throws Exception {
        Distribution distribution = Distribution.at(HOME);
        Path model = distribution.simFile("models/FreightFrenzy_BCDM.tflite");
        Deployment deployment = ends(Deployment.start(distribution, folder.resolve("run")));
        Deployment.AecsSession aecs = ends(deployment.startAecs());
        EmulatedHost host = ends(EmulatedHost.start("h1", folder, 60_000));
        int listener = EnvoyProcess.freePort();
        ends(() -> ControlMain.commandLine().execute("end", "--replicas=" + replicas()));
        String fleet = fleet(listener, startCommand(distribution, deployment, aecs, model));
        ControlProcess control = ends(ControlProcess.start(fleet, folder, List.of(host), "--replicas=" + replicas()));
        Path program = EnvoyProcess.program(Path.of(System.getProperty("s3ml.components")))
                .orElseThrow();
        ends(EnvoyProcess.start(program, folder, control.xdsPort(), listener));
        await("the first server", () -> serves("detector-1"));
        assertThat(control.weights()).containsOnlyKeys("detector-1");

        InferenceOptions options = InferenceOptions.defaults();
        List<Thread> load = List.of(
                load(aecs.trust(MODEL), model, listener, options), load(aecs.trust(MODEL), model, listener, options));
        await("a second server, which is asked", () -> arrivals(control, "detector-2") > 0);
        String before = record("detector-1");
        kill(before);
        await(
                "another one in its place",
                () -> serves("detector-1") && !record("detector-1").equals(before));
        await("calls to that one", () -> arrivals(control, "detector-1") > 0);
        endLoad(load);

        assertThat(failures).isEmpty();
        assertThat(control.weights()).containsOnlyKeys("detector-1", "detector-2");
    }

    private Path replicas() {
        return folder.resolve("replicas");
    }

    /// An attested server as a process in the foreground, as `docs/paging.md` shows it.
    private List<String> startCommand(
            Distribution distribution, Deployment deployment, Deployment.AecsSession aecs, Path model)
            throws IOException {
        Deployment.Service service = aecs.createService(MODEL);
        EnclaveSpec spec = deployment.serverSpec();
        deployment.admit(service, spec);
        deployment.addModel(service, model, MODEL);
        Path description = Files.writeString(folder.resolve("server-spec.json"), Json.write(spec.toJson()));
        Path config = Files.writeString(
                folder.resolve("server.json"),
                Json.write(deployment
                        .serverConfig(service, Deployment.Ports.CHOSEN_BY_SYSTEM)
                        .build()));
        Path platform = deployment.folder().resolve("platform");
        List<String> java = distribution.platformCommand(platform);
        List<String> command = new ArrayList<>(java.subList(0, java.indexOf("s3ml.sim.cli.S3mlSim") + 1));
        command.addAll(List.of(
                "sim",
                "enclave",
                "--platform=" + platform,
                "--work=" + folder.resolve("work") + "/{replica}",
                "--spec=" + description,
                "--",
                config.toString()));
        return command;
    }

    private static String fleet(int listener, List<String> start) {
        return """
                {"tickMillis": 500,
                 "models": [{"name": "detector", "objectiveMillis": 2000, "serviceMillis": 300, "workingSetPages": 13677,
                             "pagingThreshold": 1500, "listenerPort": %d, "maxReplicas": 2, "start": %s}],
                 "hosts": [{"name": "h1"}]}
                """.formatted(listener, Json.write(JsonArray.ofStrings(start)));
    }

    private boolean serves(String replica) throws IOException {
        Path output = replicas().resolve(replica + ".out");
        return Files.exists(output) && Files.readString(output).contains("\"ready\":true");
    }

    private String record(String replica) throws IOException {
        Path record = replicas().resolve(replica + ".properties");
        return Files.exists(record) ? Files.readString(record) : "";
    }

    /// Kills the enclave, which is the child of what started it.
    private static void kill(String record) {
        long pid = record.lines()
                .filter(line -> line.startsWith("pid="))
                .mapToLong(line -> Long.parseLong(line.substring(4)))
                .findFirst()
                .orElseThrow();
        List<ProcessHandle> enclave =
                ProcessHandle.of(pid).orElseThrow().descendants().toList();
        assertThat(enclave).isNotEmpty();
        enclave.forEach(ProcessHandle::destroyForcibly);
    }

    private static double arrivals(ControlProcess control, String replica) {
        return control.explain().getHosts(0).getReport().getReplicasList().stream()
                .filter(each -> each.getReplica().equals(replica))
                .mapToDouble(each -> each.getArrivalsPerSecond())
                .sum();
    }
}
