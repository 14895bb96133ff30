package s3ml.sim.quickstart;

import java.awt.image.BufferedImage;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import s3ml.attest.Claims;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.client.InferenceClient;
import s3ml.client.InferenceOptions;
import s3ml.client.ModelExpectation;
import s3ml.client.image.Detection;
import s3ml.client.image.ObjectDetector;
import s3ml.client.image.Pictures;
import s3ml.client.image.SceneDrawing;
import s3ml.client.image.TfLiteLabels;
import s3ml.protocol.AttestedAecs;
import s3ml.protocol.Endpoint;
import s3ml.protocol.ModelPackageWriter;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.deployment.Deployment;
import s3ml.sim.deployment.Policies;
import s3ml.sim.deployment.ReservedPort;
import s3ml.sim.epc.ModelWalk;
import s3ml.sim.epc.PagedModels;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveMeasurement;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// The main job on one machine: an attested client gets detections from a model that only attested enclaves can read,
/// and a killed replica costs no error. Closing it ends every process that it started.
public final class Quickstart implements AutoCloseable {
    private static final String SERVICE = "detector";
    private static final String MODEL = "detector";
    private static final String VERSION = "1";
    private static final double LEAST_SCORE = 0.5;
    private static final int REQUESTS_AFTER_KILL = 20;

    private final Distribution distribution;
    private final Path home;
    private final Path folder;
    private final Narrator narrator;
    private final Deployment deployment;
    private Optional<Path> epc = Optional.empty();

    private Quickstart(Distribution distribution, Path home, Path folder, Narrator narrator, Deployment deployment) {
        this.distribution = distribution;
        this.home = home;
        this.folder = folder;
        this.narrator = narrator;
        this.deployment = deployment;
    }

    /// Starts with the simulated platform.
    ///
    /// @param home root of the built tree
    /// @param folder where everything is kept
    /// @param people where the story is told
    public static Quickstart start(Path home, Path folder, PrintWriter people) {
        Narrator narrator = new Narrator(people);
        narrator.say("SIMULATED: this machine plays a TEE. Every verdict below is simulated and protects nothing.");
        Distribution distribution = Distribution.at(home);
        Deployment deployment = Deployment.start(distribution, folder);
        narrator.done(
                "platform",
                "a SIMULATED platform measures and starts enclaves",
                "root " + deployment.root() + " (a policy must name it to believe this platform)",
                "collateral at " + deployment.pccs() + " (PCCS v4)");
        return new Quickstart(distribution, home, deployment.folder(), narrator, deployment);
    }

    /// What the model owner holds after packing.
    private record PackedModel(ModelPackageWriter.Packed file, SecretBytes key) {}

    /// Two replicas behind shared ports.
    private record Replicas(
            ReservedPort rest, ReservedPort grpc, PlatformControl.Enclave first, PlatformControl.Enclave second) {}

    /// Runs all steps.
    ///
    /// @param stays whether the servers are left running for the reader to try
    /// @param pool folder of an emulated EPC that the servers share; empty: they do not page
    /// @return the report, as JSON
    public String run(boolean stays, Optional<Path> pool) {
        epc = pool;
        CompletableFuture<PackedModel> packing = CompletableFuture.supplyAsync(this::pack, Quickstart::beside);
        CompletableFuture<BufferedImage> drawing =
                CompletableFuture.supplyAsync(SceneDrawing::draw, Quickstart::beside);
        try (Deployment.AecsSession aecs = deployment.startAecs()) {
            tellAecs(aecs);
            Deployment.Service service = aecs.createService(SERVICE);
            EnclaveSpec server = deployment.serverSpec();
            setPolicy(service, server);
            release(service, packing.join());
            Replicas replicas = startServers(service, server);
            return beClient(aecs, replicas, drawing.join(), stays);
        }
    }

    private static void beside(Runnable task) {
        Thread.ofVirtual().start(task);
    }

    private void tellAecs(Deployment.AecsSession aecs) {
        AttestedAecs attested = aecs.attested();
        Claims claims = attested.verdict().claims();
        narrator.done(
                "aecs",
                "the AECS proved itself to the model owner: SIMULATED verdict " + claims.tcbStatus(),
                "MRENCLAVE " + shortened(claims.measurement().toString())
                        + " = what ./s3ml measure aecs computes from this build",
                "its quote covers a fresh nonce, its identity key and the key of its TLS endpoint " + aecs.endpoint());
    }

    private void setPolicy(Deployment.Service service, EnclaveSpec server) {
        Digest measurement = EnclaveMeasurement.of(server).mrEnclave();
        String policy = Policies.naming(deployment.root(), measurement);
        service.setPolicy(policy, 0);
        deployment.keep("service-policy.json", policy);
        narrator.done(
                "policy",
                "the model owner created service \"" + SERVICE + "\" and set its policy",
                "keys go to MRENCLAVE " + shortened(measurement.hex())
                        + " only: this build's model server, with its AECS policy");
    }

    private PackedModel pack() {
        SecretBytes key = deployment.newPackageKey();
        Path model = distribution.simFile("models/FreightFrenzy_BCDM.tflite");
        return new PackedModel(deployment.pack(model, MODEL, VERSION, key), key);
    }

    private void release(Deployment.Service service, PackedModel model) {
        try (SecretBytes key = model.key()) {
            service.putModelKey(model.file(), key);
        }
        narrator.done(
                "model",
                "the model is encrypted; its key lies in the AECS, the package in a plain folder",
                "model SHA-256 "
                        + shortened(model.file().manifest().modelDigest().hex()) + ", "
                        + model.file().manifest().modelSize() + " bytes, "
                        + model.file().file().getFileName());
    }

    private Replicas startServers(Deployment.Service service, EnclaveSpec spec) {
        ReservedPort rest = ReservedPort.take();
        ReservedPort grpc = ReservedPort.take();
        JsonObject config = deployment
                .serverConfig(service, new Deployment.Ports(rest.number(), grpc.number(), true))
                .build();
        Optional<Path> paged = epc.map(this::paged);
        CompletableFuture<PlatformControl.Enclave> first = deployment.startServer("server-1", spec, config, paged);
        CompletableFuture<PlatformControl.Enclave> second = deployment.startServer("server-2", spec, config, paged);
        Replicas replicas = new Replicas(rest, grpc, finished(first), finished(second));
        narrator.done(
                "servers",
                "two model servers attested the AECS, proved themselves to it, and got their sealed leases",
                "server-1 (pid " + replicas.first().pid() + ") and server-2 (pid "
                        + replicas.second().pid() + "): MRENCLAVE "
                        + shortened(replicas.first().measurement()) + ", SIMULATED",
                "one port for both (SO_REUSEPORT), TLS ends inside: REST " + rest.number() + ", gRPC " + grpc.number());
        return replicas;
    }

    private Path paged(Path pool) {
        ModelWalk walk =
                ModelWalk.of(distribution.simFile("models/FreightFrenzy_BCDM.tflite"), ModelWalk.RUNTIME_PAGES);
        Path file = folder.resolve("paged-models.json");
        PagedModels.describe(file, pool, Map.of(MODEL, walk));
        narrator.done(
                "epc",
                "both servers share the EMULATED EPC in " + pool,
                "each inference touches " + walk.pages() + " pages; watch it with ./s3ml agent --emulated "
                        + pool.resolve("parameters"));
        return file;
    }

    private static PlatformControl.Enclave finished(CompletableFuture<PlatformControl.Enclave> start) {
        try {
            return start.join();
        } catch (java.util.concurrent.CompletionException e) {
            throw e.getCause() instanceof S3mlException expected ? expected : e;
        }
    }

    private String beClient(Deployment.AecsSession aecs, Replicas replicas, BufferedImage scene, boolean stays) {
        ServiceTrust trust = aecs.trust(SERVICE);
        ModelExpectation expected = ModelExpectation.of(MODEL).acceptSimulated();
        List<String> labels = TfLiteLabels.of(distribution.simFile("models/FreightFrenzy_BCDM.tflite"));
        try (InferenceClient rest =
                        InferenceClient.rest(trust, expected, endpoints(replicas.rest()), InferenceOptions.defaults());
                InferenceClient grpc = InferenceClient.grpc(
                        trust, expected, endpoints(replicas.grpc()), InferenceOptions.defaults())) {
            ObjectDetector byRest = ObjectDetector.of(rest, labels);
            List<Detection> restDetections = byRest.detect(scene, LEAST_SCORE);
            double seconds = sinceStart();
            ObjectDetector byGrpc = ObjectDetector.of(grpc, labels);
            List<Detection> grpcDetections = byGrpc.detect(scene, LEAST_SCORE);
            tellDetections(trust, restDetections, grpcDetections, scene);
            QuickstartReport.Failover failover = failOver(byRest, byGrpc, scene);
            QuickstartReport report =
                    new QuickstartReport(narrator.steps(), found(restDetections, grpcDetections), failover, seconds);
            if (stays) {
                keepForLater(aecs, replicas);
                Snippets snippets = new Snippets(
                        folder,
                        home,
                        replicas.rest().number(),
                        aecs.endpoint().toString(),
                        deployment.pccs().toString());
                narrator.say(snippets.write(trust.caCertificate(), rest.metadata(), scene));
            }
            return report.json();
        }
    }

    /// What the documents' commands start from: addresses, the admin's key, what a Prometheus scrapes.
    private void keepForLater(Deployment.AecsSession aecs, Replicas replicas) {
        deployment.keepAdminKey();
        deployment.keep("env", """
            # Written by ./s3ml quickstart; read it by: . %s/env
            AECS=%s
            PCCS=%s
            REST=127.0.0.1:%d
            GRPC=127.0.0.1:%d
            """.formatted(
                        folder,
                        aecs.endpoint(),
                        deployment.pccs(),
                        replicas.rest().number(),
                        replicas.grpc().number()));
        deployment.keep(
                "server-spec.json", Json.writePretty(deployment.serverSpec().toJson()));
        // server-1 was killed: a target that is down, as the rules want to see it.
        deployment.keep(
                "metrics.json",
                Json.writePretty(new JsonArray(List.of(
                        target("s3ml-aecs", aecs.metricsPort()),
                        target("s3ml-server", metricsPort(replicas.first())),
                        target("s3ml-server", metricsPort(replicas.second()))))));
    }

    private static int metricsPort(PlatformControl.Enclave server) {
        return Math.toIntExact(server.ready().number("metricsPort"));
    }

    /// One entry of Prometheus's file_sd.
    private static JsonObject target(String job, int port) {
        return JsonObject.builder()
                .put("targets", JsonArray.ofStrings(List.of("127.0.0.1:" + port)))
                .put("labels", JsonObject.builder().put("job", job).build())
                .build();
    }

    private static List<Endpoint> endpoints(ReservedPort port) {
        return List.of(new Endpoint("127.0.0.1", port.number()));
    }

    /// Since this JVM began. The process is older: it was the launcher, which may have built the tree first.
    private static double sinceStart() {
        long start = ManagementFactory.getRuntimeMXBean().getStartTime();
        return (System.currentTimeMillis() - start) / 1000.0;
    }

    private void tellDetections(
            ServiceTrust trust, List<Detection> byRest, List<Detection> byGrpc, BufferedImage scene) {
        Path picture = folder.resolve("detections.png");
        Pictures.writePng(Pictures.annotated(scene, byRest), picture);
        List<String> lines = new ArrayList<>();
        lines.add("the client attested the AECS (SIMULATED) and got the service's CA, model digest and policy digest:");
        lines.add("policy SHA-256 " + shortened(trust.policyDigest().hex()) + ", epoch " + trust.policyEpoch());
        lines.add("REST: " + told(byRest));
        lines.add("gRPC: " + told(byGrpc));
        lines.add("picture with boxes: " + picture);
        narrator.done("client", "a drawn scene went in, detections came out", lines.toArray(String[]::new));
    }

    private static String told(List<Detection> detections) {
        return detections.stream()
                .map(detection -> String.format(
                        Locale.ROOT,
                        "%s %.2f at [%.2f %.2f %.2f %.2f]",
                        detection.label(),
                        detection.score(),
                        detection.box().yMin(),
                        detection.box().xMin(),
                        detection.box().yMax(),
                        detection.box().xMax()))
                .collect(Collectors.joining(", "));
    }

    private static List<QuickstartReport.Found> found(List<Detection> byRest, List<Detection> byGrpc) {
        List<QuickstartReport.Found> found = new ArrayList<>();
        byRest.forEach(detection -> found.add(new QuickstartReport.Found("rest", detection)));
        byGrpc.forEach(detection -> found.add(new QuickstartReport.Found("grpc", detection)));
        return found;
    }

    private QuickstartReport.Failover failOver(ObjectDetector byRest, ObjectDetector byGrpc, BufferedImage scene) {
        deployment.control().kill("server-1");
        int errors = 0;
        for (int i = 0; i < REQUESTS_AFTER_KILL; i++) {
            try {
                List<Detection> detections = (i % 2 == 0 ? byRest : byGrpc).detect(scene, LEAST_SCORE);
                errors += detections.isEmpty() ? 1 : 0;
            } catch (S3mlException e) {
                errors++;
                narrator.say("      " + e.getMessage());
            }
        }
        narrator.done(
                "failover",
                "server-1 was killed; the client sent " + REQUESTS_AFTER_KILL + " more requests: " + errors + " errors",
                "server-2 has the same keys, and needed nobody to tell it");
        return new QuickstartReport.Failover(REQUESTS_AFTER_KILL, errors);
    }

    private static String shortened(String hex) {
        return hex.length() <= 16 ? hex : hex.substring(0, 16) + "…";
    }

    @Override
    public void close() {
        deployment.close();
    }
}
