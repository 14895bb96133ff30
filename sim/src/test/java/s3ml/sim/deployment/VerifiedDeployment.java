package s3ml.sim.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonArray;
import s3ml.attest.json.JsonObject;
import s3ml.attest.json.JsonValue;
import s3ml.client.cli.S3mlClient;
import s3ml.client.log.WitnessDesk;
import s3ml.client.log.WitnessServer;
import s3ml.protocol.ModelPackageWriter;
import s3ml.protocol.Signatures;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveMeasurement;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// A simulated deployment with one server, a witness, and the command line that verifies it. One at a time.
abstract class VerifiedDeployment {
    static final List<String> STATE = List.of("aecs.db", "aecs.db-wal", "aecs.db-shm");

    static Path files;
    static Deployment deployment;
    static Deployment.AecsSession aecs;
    static Deployment.Service service;
    static String url;
    static Path model;
    static ModelPackageWriter.Packed packed;
    static WitnessServer witness;
    static String witnessKey;
    static String aecsMeasurement;
    static String serverMeasurement;

    @BeforeAll
    static void start(@TempDir Path folder, @TempDir Path scratch) throws Exception {
        files = scratch;
        deployment = Deployment.start(Distribution.at(Rig.HOME), folder);
        aecs = deployment.startAecs();
        service = aecs.createService("detector");
        EnclaveSpec spec = deployment.serverSpec();
        aecsMeasurement = aecs.attested().verdict().claims().measurement().hex();
        serverMeasurement = EnclaveMeasurement.of(spec).mrEnclave().hex();
        String policy = Policies.naming(deployment.root(), Digest.parse(serverMeasurement));
        service.setPolicy(policy, 0);
        Files.writeString(files.resolve("service-policy.json"), policy);
        Files.writeString(files.resolve("aecs-policy.json"), aecs.policy());
        Files.writeString(files.resolve("reference-values.json"), referenceValues(aecsMeasurement, serverMeasurement));
        model = Rig.HOME.resolve("sim/target/models/FreightFrenzy_BCDM.tflite");
        packed = deployment.addModel(service, model, "detector");
        PlatformControl.Enclave server = deployment.startServer("server", spec, service);
        url = "https://127.0.0.1:" + server.ready().number("restPort");
        KeyPair key = Signatures.generate();
        witness = WitnessServer.start(
                new WitnessDesk(scratch.resolve("witness"), key, (instance, identity) -> true, InstantSource.system()),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        witnessKey = Base64.getEncoder().encodeToString(key.getPublic().getEncoded());
    }

    static String referenceValues(String aecsMeasurement, String serverMeasurement) {
        JsonArray enclaves = new JsonArray(
                Stream.of(new String[] {"aecs", aecsMeasurement}, new String[] {"server", serverMeasurement})
                        .<JsonValue>map(pair -> JsonObject.builder()
                                .put("name", pair[0])
                                .put("rule", "s3ml simulated enclave v1")
                                .put("measurement", pair[1])
                                .build())
                        .toList());
        return Json.writePretty(JsonObject.builder()
                .put("format", "s3ml reference values 1")
                .put("version", "0.1.0")
                .put("enclaves", enclaves)
                .build());
    }

    @AfterAll
    static void end() {
        witness.close();
        aecs.close();
        deployment.close();
    }

    /// What one run of the command line left.
    record Run(int status, JsonObject json, String text) {
        List<String> codes() {
            return json.array("findings").objects().stream()
                    .map(finding -> finding.string("code"))
                    .toList();
        }

        String verdict(String part) {
            return json.object(part).string("verdict");
        }
    }

    static Run run(String... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int status = S3mlClient.run(new PrintWriter(out), new PrintWriter(err), arguments);
        String document = out.toString();
        return new Run(
                status, document.isBlank() ? JsonObject.builder().build() : Json.parseObject(document), document + err);
    }

    /// With everything that can be asked for but a witness; `more` replaces or adds options, in pairs.
    static Run verify(String place, String... more) {
        List<String> arguments = new ArrayList<>(List.of("verify", place, "--json"));
        arguments.addAll(usual(more));
        return run(arguments.toArray(String[]::new));
    }

    static List<String> usual(String... more) {
        Map<String, String> options = new LinkedHashMap<>();
        options.put("--aecs-policy", files.resolve("aecs-policy.json").toString());
        options.put("--policy", files.resolve("service-policy.json").toString());
        options.put("--model", model.toString());
        options.put("--reference-values", files.resolve("reference-values.json").toString());
        options.put("--heads", files.resolve("heads.json").toString());
        options.put("--pccs", deployment.pccs().toString());
        for (int i = 0; i < more.length; i += 2) {
            options.put(more[i], more[i + 1]);
        }
        return options.entrySet().stream()
                .flatMap(option -> Stream.of(option.getKey(), option.getValue()))
                .toList();
    }

    static String witnessAddress() {
        return "127.0.0.1:" + witness.port();
    }

    static String changed(String name, String text) throws Exception {
        return Files.writeString(files.resolve(name), text).toString();
    }

    static String plain(String address) throws Exception {
        try (HttpClient client = Rig.https(aecs.trust("detector"))) {
            return client.send(
                            HttpRequest.newBuilder(URI.create(address)).build(), HttpResponse.BodyHandlers.ofString())
                    .body();
        }
    }

    static Path bundle() {
        Path file = files.resolve("bundle.json");
        List<String> arguments = new ArrayList<>(List.of("bundle", url, file.toString(), "--json"));
        arguments.addAll(usual("--witness", witnessAddress(), "--witness-key", witnessKey));
        Run made = run(arguments.toArray(String[]::new));
        assertThat(made.status()).as(made.text()).isZero();
        return file;
    }

    static void copyState(Path from, Path to) throws Exception {
        try (Stream<Path> old = Files.list(to)) {
            for (Path file : old.filter(
                            path -> STATE.contains(path.getFileName().toString()))
                    .toList()) {
                Files.delete(file);
            }
        }
        try (Stream<Path> state = Files.list(from)) {
            for (Path file : state.filter(
                            path -> STATE.contains(path.getFileName().toString()))
                    .toList()) {
                Files.copy(file, to.resolve(file.getFileName()), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
