package s3ml.sim.deployment;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.json.JsonObject;
import s3ml.client.InferenceClient;
import s3ml.client.ModelExpectation;
import s3ml.protocol.ModelPackageWriter;
import s3ml.protocol.ServiceTrust;
import s3ml.sim.loader.Distribution;
import s3ml.sim.loader.EnclaveMeasurement;
import s3ml.sim.loader.EnclaveSpec;
import s3ml.sim.loader.PlatformControl;

/// Bad input to the real processes: each kind is refused with its code, and the deployment goes on serving. One
/// deployment serves all tests; after each, a real detection must still come out.
final class BadInputIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int SEGMENT = 65_536 + 16;
    /// Magic, length, and the first bytes of the manifest.
    private static final int IN_MANIFEST = 20;

    private static Deployment deployment;
    private static Deployment.AecsSession aecs;
    private static Deployment.Service service;
    private static EnclaveSpec serverSpec;
    private static EnclaveSpec misbehaving;
    private static PlatformControl.Enclave server;
    private static ServiceTrust trust;
    private static HttpClient https;

    @BeforeAll
    static void startDeployment(@TempDir Path folder, @TempDir Path scratch) throws Exception {
        deployment = Deployment.start(Distribution.at(Rig.HOME), folder);
        aecs = deployment.startAecs();
        service = aecs.createService("detector");
        serverSpec = deployment.serverSpec();
        misbehaving = Rig.withMain(serverSpec, ReplayingEnclave.class, scratch);
        service.setPolicy(
                Policies.naming(
                        deployment.root(),
                        EnclaveMeasurement.of(serverSpec).mrEnclave(),
                        EnclaveMeasurement.of(misbehaving).mrEnclave()),
                0);
        // Trusts the same build, but on another (simulated) platform.
        Deployment.Service elsewhere = aecs.createService("elsewhere");
        elsewhere.setPolicy(
                Policies.naming(
                        "sha256:" + "0".repeat(64),
                        EnclaveMeasurement.of(serverSpec).mrEnclave()),
                0);
        packages(scratch);
        server = deployment.startServer("server", serverSpec, service);
        trust = aecs.trust("detector");
        https = Rig.https(trust);
    }

    private static void packages(Path scratch) throws Exception {
        Path detector = Rig.HOME.resolve("sim/target/models/FreightFrenzy_BCDM.tflite");
        Path noModel = scratch.resolve("no-model.tflite");
        Files.write(noModel, Rig.utf8("this is not a flatbuffer".repeat(10_000)));
        release(detector, "detector");
        release(noModel, "no-model");
        damage(release(detector, "bad-manifest"), bytes -> bytes[IN_MANIFEST] ^= 1);
        damage(release(detector, "bad-segment"), bytes -> bytes[bytes.length / 2] ^= 1);
        Path swapped = release(detector, "swapped").file();
        swapFirstSegments(swapped);
        Path truncated = release(detector, "truncated").file();
        byte[] whole = Files.readAllBytes(truncated);
        Files.write(truncated, java.util.Arrays.copyOf(whole, whole.length - 1000));
        Files.delete(release(detector, "absent").file());
    }

    private static ModelPackageWriter.Packed release(Path model, String name) {
        return deployment.addModel(service, model, name);
    }

    private interface Damage {
        void apply(byte[] bytes);
    }

    private static void damage(ModelPackageWriter.Packed packed, Damage damage) throws Exception {
        byte[] bytes = Files.readAllBytes(packed.file());
        damage.apply(bytes);
        Files.write(packed.file(), bytes);
    }

    private static void swapFirstSegments(Path file) throws Exception {
        byte[] bytes = Files.readAllBytes(file);
        int start = 12 + ByteBuffer.wrap(bytes).getInt(8) + 32;
        byte[] first = java.util.Arrays.copyOfRange(bytes, start, start + SEGMENT);
        System.arraycopy(bytes, start + SEGMENT, bytes, start, SEGMENT);
        System.arraycopy(first, 0, bytes, start + SEGMENT, SEGMENT);
        Files.write(file, bytes);
    }

    @AfterAll
    static void endDeployment() {
        https.close();
        aecs.close();
        deployment.close();
    }

    @AfterEach
    void the_deployment_goes_on_serving() {
        Rig.assertDetects(trust, server);
    }

    private static InferenceClient client(ModelExpectation expectation) {
        return Rig.grpc(trust, expectation, server);
    }

    private static HttpResponse<String> infer(String model, String body, String... headers) throws Exception {
        URI address =
                URI.create("https://127.0.0.1:" + server.ready().number("restPort") + "/v2/models/" + model + "/infer");
        return Rig.post(https, address, body, headers);
    }

    private static void assertRefused(HttpResponse<String> response, int status, String code) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(response.body()).contains(code);
    }

    private void assertGetsNoLease(String name, EnclaveSpec spec, JsonObject config, String claim) throws Exception {
        CompletableFuture<PlatformControl.Enclave> starting = deployment.startServer(name, spec, config);
        String own = Rig.awaitLog(deployment, name, "AECS-210");
        String aecsLog = Rig.awaitLog(deployment, "aecs", claim);
        boolean ready = starting.isDone();
        deployment.control().kill(name);

        assertThat(ready).isFalse();
        assertThat(own).as("the enclave is told the code only").doesNotContain(claim);
        assertThat(aecsLog).contains("AECS-210");
    }

    private static JsonObject config(String serviceName) {
        return deployment
                .serverConfig(
                        new Deployment.Service(aecs, serviceName, service.owner()), Deployment.Ports.CHOSEN_BY_SYSTEM)
                .build();
    }

    @Test
    void a_server_with_one_byte_of_one_jar_changed_gets_no_lease(@TempDir Path folder) throws Exception {
        EnclaveSpec changed = Rig.withOneByteChanged(serverSpec, folder);

        assertGetsNoLease("changed", changed, config("detector"), "mrEnclave");
    }

    @Test
    void a_debug_enclave_gets_no_lease() throws Exception {
        EnclaveSpec debug = serverSpec.signed(new EnclaveSpec.SignerStatement(Optional.empty(), 2, 1, true));

        assertGetsNoLease("debug", debug, config("detector"), "debug");
    }

    @Test
    void simulated_evidence_gets_no_lease_under_a_policy_that_does_not_name_its_root() throws Exception {
        assertGetsNoLease("elsewhere", serverSpec, config("elsewhere"), "root");
    }

    @Test
    void a_replayed_nonce_and_a_lease_for_another_service_are_refused_with_the_code_only() {
        EnclaveSpec spec = misbehaving.started(
                "misbehaving",
                List.of(aecs.endpoint().toString(), deployment.pccs().toString(), "detector", "elsewhere"));

        JsonObject said = deployment.control().load(spec, LIMIT).ready();
        deployment.control().kill("misbehaving");

        assertThat(said.string("first")).isEqualTo("released");
        assertThat(said.string("replayed")).matches("[A-Z_]+ AECS-201.{0,20}");
        assertThat(said.string("foreign")).matches("[A-Z_]+ AECS-210.{0,20}");
    }

    @Test
    void damaged_packages_and_a_file_that_is_no_model_are_not_loaded() throws Exception {
        String log = Rig.awaitLog(deployment, "server", "\"model\":\"truncated\"");

        assertThat(log).contains("PRO-114", "PRO-115", "PRO-116", "PRO-117", "SRV-102", "SRV-302");
        for (String model : List.of("bad-manifest", "bad-segment", "swapped", "truncated", "no-model")) {
            HttpResponse<String> response = infer(model, "{\"inputs\":[]}");
            assertRefused(response, 503, "SRV-206");
            assertThat(response.body()).as("what is wrong is for the log").doesNotContain("PRO-", "SRV-102");
        }
    }

    @Test
    void a_request_before_the_model_is_ready_is_refused() throws Exception {
        assertThat(infer("absent", "{\"inputs\":[]}").statusCode()).isIn(404, 503);
        assertRefused(infer("unknown", "{\"inputs\":[]}"), 404, "SRV-204");
    }

    @Test
    void wrong_tensors_are_refused() throws Exception {
        String name = inputName();

        assertRefused(
                infer("detector", tensor(name, "FP32", "[1,2,2,3]", "[0,0,0,0,0,0,0,0,0,0,0,0]")), 400, "SRV-216");
        assertRefused(infer("detector", tensor(name, "INT32", "[1,1,1,1]", "[0]")), 400, "SRV-215");
        assertRefused(infer("detector", tensor("nobody", "FP32", "[1,1,1,1]", "[0]")), 400, "SRV-214");
        assertRefused(infer("detector", tensor(name, "FP32", "[1,300,300,3]", "[0,1]")), 400, "SRV-217");
        String header = "{\"inputs\":[{\"name\":\"" + name
                + "\",\"datatype\":\"FP32\",\"shape\":[1,300,300,3],\"parameters\":{\"binary_data_size\":8}}]}";
        HttpResponse<String> bytes = infer(
                "detector", header + "12345678", "Inference-Header-Content-Length", Integer.toString(header.length()));
        assertThat(bytes.statusCode()).isEqualTo(400);
        assertThat(bytes.body()).containsPattern("SRV-21[37]");
    }

    private static String inputName() {
        try (InferenceClient client = client(ModelExpectation.of("detector").acceptSimulated())) {
            return client.metadata().inputs().getFirst().name();
        }
    }

    private static String tensor(String name, String type, String shape, String data) {
        return "{\"inputs\":[{\"name\":\"" + name + "\",\"datatype\":\"" + type + "\",\"shape\":" + shape + ",\"data\":"
                + data + "}]}";
    }

    @Test
    void JSON_too_deep_too_large_or_malformed_is_refused() throws Exception {
        assertThat(infer("detector", "{\"inputs\":" + "[".repeat(5_000)).body()).containsPattern("SRV-21[12]");
        assertRefused(infer("detector", "{\"inputs\":[}"), 400, "SRV-211");
        assertRefused(infer("detector", "{\"inputs\":[]} {}"), 400, "SRV-211");
        HttpResponse<String> large = infer("detector", "{\"inputs\":[" + " ".repeat(40 << 20) + "]}");
        assertRefused(large, 413, "SRV-212");
    }

    @Test
    void a_client_that_expects_another_model_sends_nothing() {
        ModelExpectation other = ModelExpectation.of("detector")
                .modelDigest(Digest.of(new byte[] {1}))
                .acceptSimulated();

        assertThatThrownBy(() -> client(other).close())
                .isInstanceOfSatisfying(
                        S3mlException.class, e -> assertThat(e.code()).isEqualTo("CLI-110"));
    }
}
