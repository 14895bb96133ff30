package s3ml.lab.firstlight;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.InferenceRequest;
import s3ml.client.ModelExpectation;
import s3ml.client.Tensor;
import s3ml.client.image.Pictures;
import s3ml.client.image.SceneDrawing;
import s3ml.lab.emulated.AgentClasses;
import s3ml.protocol.Endpoint;
import s3ml.protocol.Release;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// `s3ml lab class-list`: lets an AECS, a model server and an agent do their usual work, and writes which classes they
/// loaded into the source tree, for the archives that are made of them. To be called when what enclaves load has
/// changed; a list that is out of date costs memory and time at start, and nothing else.
@Command(
        name = "class-list",
        description = "Record which classes enclaves and the agent load in usual work, for their class archives.",
        mixinStandardHelpOptions = true)
public final class ClassListCommand implements Callable<Integer> {
    private static final String NAME = "detector";
    private static final int SIDE = 300;
    private static final int REQUESTS = 20;
    private static final String HEADER =
            "# Classes in the archive of this process: written by `./s3ml lab class-list`, not by hand.";

    /// For picocli.
    public ClassListCommand() {}

    @Override
    public Integer call() throws IOException, InterruptedException {
        Distribution distribution =
                Distribution.at(Path.of(System.getProperty("s3ml.home", ".")).toAbsolutePath());
        Path folder = Files.createTempDirectory("s3ml-class-list-");
        try (Deployment deployment =
                        Deployment.start(distribution.recordingClasses(folder), folder.resolve("deployment"));
                Deployment.AecsSession aecs = deployment.startAecs()) {
            PlatformControl.Enclave server = startServer(deployment, aecs, distribution);
            use(aecs.trust(NAME), server);
        }
        for (Distribution.Kind kind : Distribution.Kind.values()) {
            write(folder.resolve(kind.name().toLowerCase(Locale.ROOT) + ".list"), distribution.classList(kind));
        }
        Path agent = folder.resolve("agent.list");
        Path module = Path.of(System.getProperty("s3ml.home", "."), "fleet/agent/target");
        AgentClasses.record(
                module.resolve("s3ml-agent-" + Release.VERSION + ".jar") + ":" + module + "/lib/*", folder, agent);
        write(agent, distribution.agentClassList());
        return 0;
    }

    private static void write(Path recorded, Path list) throws IOException {
        List<String> lines = new ArrayList<>(List.of(HEADER));
        lines.addAll(tidied(Files.readAllLines(recorded, StandardCharsets.UTF_8)));
        Files.write(list, lines, StandardCharsets.UTF_8);
        System.err.println(list + ": " + lines.size() + " lines");
    }

    private static PlatformControl.Enclave startServer(
            Deployment deployment, Deployment.AecsSession aecs, Distribution distribution) {
        Deployment.Service service = aecs.createService(NAME);
        EnclaveSpec server = deployment.serverSpec();
        deployment.admit(service, server);
        deployment.addModel(service, distribution.simFile("models/FreightFrenzy_BCDM.tflite"), NAME);
        return deployment.startServer("server", server, service);
    }

    private static void use(ServiceTrust trust, PlatformControl.Enclave server) {
        float[] pixels = Pictures.normalised(SceneDrawing.draw(), SIDE, SIDE);
        for (String protocol : List.of("grpc", "rest")) {
            Endpoint endpoint =
                    new Endpoint("127.0.0.1", Math.toIntExact(server.ready().number(protocol + "Port")));
            ModelExpectation expectation = ModelExpectation.of(NAME).acceptSimulated();
            try (InferenceClient client = protocol.equals("grpc")
                    ? InferenceClient.grpc(trust, expectation, List.of(endpoint), InferenceOptions.defaults())
                    : InferenceClient.rest(trust, expectation, List.of(endpoint), InferenceOptions.defaults())) {
                String input = client.metadata().inputs().getFirst().name();
                Tensor tensor = Tensor.ofFloats(input, List.of(1L, (long) SIDE, (long) SIDE, 3L), pixels);
                for (int i = 0; i < REQUESTS; i++) {
                    client.infer(InferenceRequest.of(NAME, tensor));
                }
            }
        }
    }

    /// Sorted, so that two recordings can be compared; without what only the simulated platform's mains load, classes
    /// of other loaders, and the constant-pool lines, which this kind of archive does not use.
    private static Set<String> tidied(List<String> recorded) {
        TreeSet<String> lines = new TreeSet<>();
        for (String line : recorded) {
            boolean dropped = line.startsWith("#")
                    || line.startsWith("@cp ")
                    || line.contains("s3ml/sim/")
                    || line.contains(" source: ");
            if (!dropped) {
                lines.add(line.replaceAll(" id: [0-9]+$", ""));
            }
        }
        return lines;
    }
}
