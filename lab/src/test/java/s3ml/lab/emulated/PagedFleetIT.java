package s3ml.lab.emulated;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import s3ml.client.InferenceOptions;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.epc.ModelWalk;
import s3ml.sim.epc.PagedModels;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// All of it: attested servers that page on two emulated hosts, agents which report over mutual TLS, the control plane,
/// a real Envoy, and clients whose TLS ends in the enclaves.
@EnabledIfSystemProperty(named = "s3ml.components", matches = ".+")
final class PagedFleetIT extends RealFleet {
    @Test
    void load_moves_away_from_a_host_that_pages_and_comes_back_and_no_call_fails() throws Exception {
        List<EmulatedHost> hosts =
                List.of(ends(EmulatedHost.start("h1", folder, 23_936)), ends(EmulatedHost.start("h2", folder, 23_936)));
        Distribution distribution = Distribution.at(HOME);
        Path model = distribution.simFile("models/FreightFrenzy_BCDM.tflite");
        Deployment deployment = ends(Deployment.start(distribution, folder.resolve("run")));
        Deployment.AecsSession aecs = ends(deployment.startAecs());
        List<PlatformControl.Enclave> servers = servers(deployment, aecs, model, hosts);
        int listener = EnvoyProcess.freePort();
        ControlProcess control = ends(ControlProcess.start(fleet(servers, listener), folder, hosts));
        Path program = EnvoyProcess.program(Path.of(System.getProperty("s3ml.components")))
                .orElseThrow();
        ends(EnvoyProcess.start(program, folder, control.xdsPort(), listener));
        InferenceOptions once = InferenceOptions.defaults().withConnections(1).withAttempts(1);
        Thread lasting = lastingLoad(aecs.trust(MODEL), model, listener, once.withConnections(4));
        Thread load = load(aecs.trust(MODEL), model, listener, once);
        await("8 answers", () -> answered.get() >= 8);
        for (PlatformControl.Enclave server : servers) {
            await("a server that knows its share", () -> metric(server, "s3ml_told_share") == 500_000);
        }
        assertThat(control.weights()).containsEntry("r1", 1000).containsEntry("r2", 1000);
        assertThat(hosts.getFirst().loadedBack()).isZero();

        hosts.getFirst().antagonist(16_000, 100);
        await("a weight of r1 of at most 250", () -> control.weights().getOrDefault("r1", 1000) <= 250);
        assertThat(hosts.getFirst().loadedBack()).isPositive();
        assertThat(control.weights()).containsEntry("r2", 1000);
        // A share is told again when it differs by more than a fiftieth.
        await("a server that was told so", () -> metric(servers.getFirst(), "s3ml_told_share") <= 204_000);
        int[] pressed = shares(servers, 12);
        int asked = metric(servers.getFirst(), "s3ml_connections_asked_to_go_total");
        hosts.getFirst().quiet();
        await("the full weight of r1", () -> control.weights().getOrDefault("r1", 0) == 1000);
        await("the other server was told so", () -> metric(servers.get(1), "s3ml_told_share") <= 510_000);
        int[] again = shares(servers, 12);
        endLoad(List.of(load, lasting));

        assertThat(pressed[0]).isLessThanOrEqualTo(pressed[1] / 2);
        assertThat(again[0]).isGreaterThanOrEqualTo(4);
        assertThat(asked).isPositive();
        assertThat(failures).isEmpty();
    }

    private List<PlatformControl.Enclave> servers(
            Deployment deployment, Deployment.AecsSession aecs, Path model, List<EmulatedHost> hosts) {
        Deployment.Service service = aecs.createService(MODEL);
        EnclaveSpec spec = deployment.serverSpec();
        deployment.admit(service, spec);
        deployment.addModel(service, model, MODEL);
        ModelWalk walk = ModelWalk.of(model, ModelWalk.RUNTIME_PAGES);
        List<PlatformControl.Enclave> servers = new ArrayList<>();
        for (EmulatedHost host : hosts) {
            Path paged = folder.resolve(host.name() + "-paged.json");
            PagedModels.describe(paged, host.pool(), Map.of(MODEL, walk));
            PlatformControl.Enclave server = deployment
                    .startServer(
                            "server-" + host.name(),
                            spec,
                            deployment
                                    .serverConfig(service, Deployment.Ports.CHOSEN_BY_SYSTEM)
                                    .build(),
                            Optional.of(paged))
                    .join();
            servers.add(server);
        }
        return servers;
    }

    private static int port(PlatformControl.Enclave server, String name) {
        return Math.toIntExact(server.ready().number(name));
    }

    private static String fleet(List<PlatformControl.Enclave> servers, int listener) {
        return """
                {"tickMillis": 500,
                 "models": [{"name": "detector", "objectiveMillis": 400, "serviceMillis": 90, "workingSetPages": 13677,
                             "pagingThreshold": 1500, "listenerPort": %d}],
                 "hosts": [
                   {"name": "h1", "replicas": [{"name": "r1", "model": "detector", "address": "127.0.0.1", "port": %d,
                                                "metricsPort": %d}]},
                   {"name": "h2", "replicas": [{"name": "r2", "model": "detector", "address": "127.0.0.1", "port": %d,
                                                "metricsPort": %d}]}]}
                """.formatted(
                        listener,
                        port(servers.get(0), "grpcPort"),
                        port(servers.get(0), "metricsPort"),
                        port(servers.get(1), "grpcPort"),
                        port(servers.get(1), "metricsPort"));
    }

    /// How many of the next requests each server answers.
    private int[] shares(List<PlatformControl.Enclave> servers, int requests) throws Exception {
        int[] before = counts(servers);
        int from = answered.get();
        await(requests + " answers", () -> answered.get() >= from + requests);
        int[] after = counts(servers);
        return new int[] {after[0] - before[0], after[1] - before[1]};
    }

    private static int[] counts(List<PlatformControl.Enclave> servers) throws IOException {
        int[] counts = new int[servers.size()];
        for (int i = 0; i < counts.length; i++) {
            counts[i] = metric(servers.get(i), "nv_inference_request_success");
        }
        return counts;
    }

    /// The sum of what a server's metrics page shows under a name.
    private static int metric(PlatformControl.Enclave server, String name) throws IOException {
        URI page = URI.create("http://127.0.0.1:" + port(server, "metricsPort") + "/metrics");
        try (InputStream in = page.toURL().openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .mapToInt(line -> (int) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }
}
