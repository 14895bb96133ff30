package s3ml.lab.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;

/// One simulated platform with one AECS, and model servers that attest themselves to it: as in production but for the
/// hardware. Not thread-safe. Closing it ends every process and removes its folder.
public final class ServingRig implements AutoCloseable {
    private final Distribution distribution;
    private final Path folder;
    private final Deployment deployment;
    private final Deployment.AecsSession aecs;
    private final EnclaveSpec spec;
    private int started;

    private ServingRig(Distribution distribution, Path folder, Deployment deployment) {
        this.distribution = distribution;
        this.folder = folder;
        this.deployment = deployment;
        this.aecs = deployment.startAecs();
        this.spec = deployment.serverSpec();
    }

    /// Starts platform and AECS of the built tree at `home`.
    public static ServingRig start(Path home) throws IOException {
        Distribution distribution = Distribution.at(home);
        Path folder = Files.createTempDirectory("s3ml-lab-serve-");
        return new ServingRig(distribution, folder, Deployment.start(distribution, folder));
    }

    /// For models and bodies of requests; removed at the end.
    public Path folder() {
        return folder;
    }

    /// The built tree that it runs.
    public Distribution distribution() {
        return distribution;
    }

    /// The folder of the server's native libraries.
    Path natives() {
        return Objects.requireNonNull(spec.parts().nativeLibraries().getFirst().getParent());
    }

    /// The options of the model server's JVM.
    List<String> options() {
        return spec.call().jvmOptions();
    }

    /// The model server of this build with some options of its JVM left out, which is another enclave.
    Build without(List<String> options) {
        List<String> left = new ArrayList<>(options());
        left.removeAll(options);
        EnclaveSpec.Call call =
                new EnclaveSpec.Call(left, spec.call().mainClass(), spec.call().arguments());
        return new Build(
                new EnclaveSpec(spec.name(), spec.javaHome(), spec.parts(), call, spec.signature(), spec.evidence()));
    }

    /// A service with the keys of these models, which this build's model server gets.
    ///
    /// @param models files by model name
    public Hosted service(Map<String, Path> models) {
        return new Build(spec).service(models);
    }

    private Hosted service(EnclaveSpec spec, Map<String, Path> models) {
        String name = "lab-" + ++started;
        Deployment.Service service = aecs.createService(name);
        deployment.admit(service, spec);
        List<String> names = new ArrayList<>();
        new LinkedHashMap<>(models).forEach((model, file) -> {
            deployment.addModel(service, file, model);
            names.add(model);
        });
        return new Hosted(spec, service, names);
    }

    /// A model server as it is built.
    final class Build {
        private final EnclaveSpec spec;

        private Build(EnclaveSpec spec) {
            this.spec = spec;
        }

        /// A service with the keys of these models, which servers of this build get.
        Hosted service(Map<String, Path> models) {
            return ServingRig.this.service(spec, models);
        }

        Path folder() {
            return folder;
        }
    }

    /// A service and how its servers are started.
    public final class Hosted {
        private final EnclaveSpec spec;
        private final Deployment.Service service;
        private final List<String> models;
        private int servers;

        private Hosted(EnclaveSpec spec, Deployment.Service service, List<String> models) {
            this.spec = spec;
            this.service = service;
            this.models = models;
        }

        /// What the attested AECS says of the service.
        public ServiceTrust trust() {
            return aecs.trust(service.name());
        }

        /// Starts a server and returns when its models answer.
        ///
        /// @param threads of each model
        /// @param cores list for `taskset`; empty for all
        public ServedEnclave start(int threads, Optional<String> cores) {
            return start(settings -> settings.put("threads", threads), cores);
        }

        /// As the other, with settings of `server.json`.
        public ServedEnclave start(UnaryOperator<JsonObject.Builder> settings, Optional<String> cores) {
            String name = service.name() + "-" + ++servers;
            long began = System.nanoTime();
            try {
                ServedEnclave server = new ServedEnclave(
                        deployment.control(),
                        deployment
                                .startServer(
                                        name,
                                        spec,
                                        settings.apply(deployment.serverConfig(
                                                        service, Deployment.Ports.CHOSEN_BY_SYSTEM))
                                                .build())
                                .join(),
                        trust(),
                        models,
                        began);
                cores.ifPresent(list -> server.usage().pin(list));
                return server;
            } catch (CompletionException failure) {
                if (failure.getCause() instanceof S3mlException told) {
                    throw told;
                }
                throw failure;
            }
        }
    }

    @Override
    public void close() throws IOException {
        aecs.close();
        deployment.close();
        Folders.remove(folder);
    }
}
