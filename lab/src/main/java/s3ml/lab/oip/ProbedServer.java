package s3ml.lab.oip;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.PemText;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// An attested (simulated) model server with the [ProbeModels], where everybody may load and unload. Closing it ends
/// the deployment.
final class ProbedServer implements AutoCloseable {
    private static final String SERVICE = "probed";

    private final Deployment deployment;
    private final Deployment.AecsSession aecs;
    private final PlatformControl.Enclave server;
    private final Path authority;

    private ProbedServer(
            Deployment deployment, Deployment.AecsSession aecs, PlatformControl.Enclave server, Path authority) {
        this.deployment = deployment;
        this.aecs = aecs;
        this.server = server;
        this.authority = authority;
    }

    /// @param home root of the built tree
    /// @param folder empty; kept by the caller
    static ProbedServer start(Path home, Path folder) throws IOException {
        Deployment deployment = Deployment.start(Distribution.at(home), folder.resolve("deployment"));
        try {
            Deployment.AecsSession aecs = deployment.startAecs();
            Deployment.Service service = aecs.createService(SERVICE);
            EnclaveSpec spec = deployment.serverSpec();
            deployment.admit(service, spec);
            for (Map.Entry<String, byte[]> model : ProbeModels.all().entrySet()) {
                Path file = Files.write(folder.resolve(model.getKey() + ".tflite"), model.getValue());
                deployment.addModel(service, file, model.getKey());
            }
            JsonArray everything = JsonArray.ofStrings(List.of("*"));
            JsonObject anybody = JsonObject.builder()
                    .put("infer", everything)
                    .put("control", everything)
                    .build();
            JsonObject config = deployment
                    .serverConfig(service, Deployment.Ports.CHOSEN_BY_SYSTEM)
                    .put(
                            "access",
                            JsonObject.builder().put("anonymous", anybody).build())
                    .build();
            PlatformControl.Enclave server =
                    deployment.startServer("server", spec, config).join();
            return new ProbedServer(
                    deployment,
                    aecs,
                    server,
                    Files.writeString(
                            folder.resolve("ca.pem"),
                            PemText.of(aecs.trust(SERVICE).caCertificate())));
        } catch (IOException | RuntimeException failure) {
            deployment.close();
            throw failure;
        }
    }

    ServiceTrust trust() {
        return aecs.trust(SERVICE);
    }

    /// The service's CA as a PEM file.
    Path authority() {
        return authority;
    }

    int restPort() {
        return Math.toIntExact(server.ready().number("restPort"));
    }

    int grpcPort() {
        return Math.toIntExact(server.ready().number("grpcPort"));
    }

    @Override
    public void close() {
        aecs.close();
        deployment.close();
    }
}
