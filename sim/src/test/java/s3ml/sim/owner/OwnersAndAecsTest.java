package s3ml.sim.owner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.ModelExpectation;
import s3ml.client.ServiceDirectory;
import s3ml.client.cli.S3mlClient;
import s3ml.protocol.AecsChannel;
import s3ml.protocol.AecsVerifier;
import s3ml.protocol.Endpoint;
import s3ml.protocol.KeyReleaseClient;
import s3ml.protocol.Lease;
import s3ml.protocol.ServiceTrust;

/// The commands of model owner and data owner, and the release of keys to an enclave, over real TLS and gRPC.
final class OwnersAndAecsTest {
    @TempDir
    private Path folder;

    private Deployment deployment;
    private String manifestDigest = "";

    @BeforeEach
    void start() {
        run("key", "new", "--out", folder.resolve("admin.pem").toString());
        JsonObject key = run("key", "show", folder.resolve("admin.pem").toString());
        deployment = new Deployment(folder, Base64.getDecoder().decode(key.string("publicKey")));
    }

    @AfterEach
    void stop() {
        deployment.close();
    }

    @Test
    void a_model_owner_makes_a_service_that_gives_its_keys_to_the_right_enclave() throws IOException {
        makeService();

        try (AecsChannel channel = channel()) {
            Lease lease = new KeyReleaseClient(channel, deployment.issuer(deployment.serverEnclave)).release("s");

            assertThat(lease.simulated()).isTrue();
            assertThat(lease.models()).singleElement().satisfies(model -> {
                assertThat(model.name()).isEqualTo("m");
                assertThat(model.manifestDigest().hex()).isEqualTo(manifestDigest);
                assertThat(HexFormat.of().formatHex(model.packageKey().expose(byte[]::clone)))
                        .isEqualTo(packageKey());
            });
            assertThat(lease.tls().chain()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(lease.renewAt()).isBefore(lease.expiresAt());
            Lease renewed = new KeyReleaseClient(channel, deployment.issuer(deployment.serverEnclave)).renew(lease);
            assertThat(renewed.service()).isEqualTo("s");
        }
    }

    @Test
    void an_enclave_with_another_measurement_gets_no_keys_and_no_reason() {
        makeService();

        try (AecsChannel channel = channel()) {
            KeyReleaseClient stranger = new KeyReleaseClient(channel, deployment.issuer(Deployment.enclave(3)));

            assertThatThrownBy(() -> stranger.release("s"))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("PRO-140")
                    .hasMessageNotContaining(HexFormat.of().formatHex(deployment.serverEnclave.measurement()));
        }
    }

    @Test
    void an_AECS_that_the_policy_does_not_name_is_refused_before_anything_is_said() {
        AecsVerifier verifier = deployment.verifier(deployment.policy(Deployment.enclave(9)));

        try (AecsChannel channel = deployment.channel(verifier, deployment.aecsEndpoint())) {
            assertThatThrownBy(channel::attested)
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("PRO-130");
        }
    }

    @Test
    void a_dead_replica_is_passed_over() {
        try (AecsChannel channel = deployment.channel(
                deployment.verifier(deployment.policy(deployment.aecsEnclave)),
                new Endpoint("127.0.0.1", 1),
                deployment.aecsEndpoint())) {
            assertThat(channel.attested().simulated()).isTrue();
        }
    }

    @Test
    void no_replica_at_all_is_a_failure_that_names_them() {
        try (AecsChannel channel = deployment.channel(
                deployment.verifier(deployment.policy(deployment.aecsEnclave)), new Endpoint("127.0.0.1", 1))) {
            assertThatThrownBy(channel::attested)
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("PRO-139")
                    .hasMessageContaining("127.0.0.1:1");
        }
    }

    @Test
    void what_trust_keeps_is_verified_again_and_a_changed_file_is_refused() throws IOException {
        makeService();
        Path trustFolder = folder.resolve("trust");

        JsonObject trust = owner(List.of("trust", "--service=s", "--out=" + trustFolder));

        assertThat(trust.bool("simulated")).isTrue();
        assertThat(trust.array("models").objects().getFirst().string("manifestDigest"))
                .isEqualTo(manifestDigest);
        assertThat(trustFolder.resolve("s-ca.pem")).content().startsWith("-----BEGIN CERTIFICATE-----");
        Path kept = trustFolder.resolve("s.json");
        assertThat(inferWith(kept).object("error").string("code")).isEqualTo("CLI-111");
        String proof = Json.parseObject(Files.readString(kept)).object("proof").string("response");
        byte[] changed = Base64.getDecoder().decode(proof);
        changed[changed.length - 90] ^= 1;
        Files.writeString(
                kept, Files.readString(kept).replace(proof, Base64.getEncoder().encodeToString(changed)));
        assertThat(inferWith(kept).object("error").string("code")).isIn("PRO-135", "PRO-130", "CLI-145");
    }

    @Test
    void a_client_that_expects_another_model_or_policy_sends_nothing() {
        makeService();

        try (AecsChannel channel = channel()) {
            AecsVerifier verifier = deployment.verifier(deployment.policy(deployment.aecsEnclave));
            ServiceTrust trust = new ServiceDirectory(channel, verifier).describe("s");
            ModelExpectation expectation = ModelExpectation.of("m").acceptSimulated();

            expectation
                    .modelDigest(trust.models().getFirst().modelDigest())
                    .policyDigest(trust.policyDigest())
                    .check(trust);
            assertThatThrownBy(
                            () -> expectation.modelDigest(trust.policyDigest()).check(trust))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("CLI-110");
            assertThatThrownBy(() -> ModelExpectation.of("m").check(trust))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("CLI-111");
        }
    }

    @Test
    void policy_check_names_who_would_lose_access_and_changes_nothing() {
        makeService();
        try (AecsChannel channel = channel()) {
            new KeyReleaseClient(channel, deployment.issuer(deployment.serverEnclave))
                    .release("s")
                    .close();
        }
        Path other = folder.resolve("other.json");
        Deployment.write(other, deployment.policy(Deployment.enclave(5)));

        JsonObject effect = owner(List.of("service", "policy", "check", "s", other.toString()));

        assertThat(effect.array("leases").objects()).singleElement().satisfies(lease -> {
            assertThat(lease.bool("acceptedNow")).isTrue();
            assertThat(lease.bool("acceptedThen")).isFalse();
        });
        assertThat(owner(List.of("service", "show", "s")).number("policyEpoch")).isEqualTo(1);
    }

    @Test
    void services_are_shown_listed_and_lose_models() {
        makeService();

        assertThat(owner(List.of("service", "list")).array("services").objects())
                .extracting(service -> service.string("service"))
                .containsExactly("s");
        owner(List.of("service", "model", "remove", "s", "--name=m", "--version=1"));

        assertThat(owner(List.of("service", "show", "s")).array("models").items())
                .isEmpty();
    }

    @Test
    void a_command_of_a_stranger_is_refused_with_the_AECS_code() {
        run("key", "new", "--out", folder.resolve("stranger.pem").toString());

        JsonObject refused = owner(folder.resolve("stranger.pem"), List.of("service", "create", "t", "--names=t.test"));

        assertThat(refused.object("error").string("code")).startsWith("AECS-");
    }

    private void makeService() {
        Path model = folder.resolve("m.tflite");
        byte[] content = new byte[70_000];
        new SecureRandom().nextBytes(content);
        try {
            Files.write(model, content);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        Path policy = folder.resolve("service-policy.json");
        Deployment.write(policy, deployment.policy(deployment.serverEnclave));
        JsonObject packed = run(
                "model",
                "pack",
                model.toString(),
                "--name=m",
                "--version=1",
                "--out=" + folder,
                "--key-out=" + folder.resolve("m.key"));
        manifestDigest = packed.string("manifestDigest");
        owner(List.of("service", "create", "s", "--names=s.test,127.0.0.1"));
        owner(List.of("service", "policy", "set", "s", policy.toString()));
        owner(List.of(
                "service",
                "model",
                "add",
                "s",
                "--package=" + packed.string("package"),
                "--package-key=" + folder.resolve("m.key")));
    }

    private String packageKey() {
        try {
            return Files.readString(folder.resolve("m.key")).strip();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private AecsChannel channel() {
        return deployment.channel(
                deployment.verifier(deployment.policy(deployment.aecsEnclave)), deployment.aecsEndpoint());
    }

    private JsonObject owner(List<String> command) {
        return owner(folder.resolve("admin.pem"), command);
    }

    private JsonObject owner(Path key, List<String> command) {
        List<String> arguments = new ArrayList<>(command);
        if (!command.getFirst().equals("trust")) {
            arguments.add("--key=" + key);
        }
        arguments.add("--aecs=" + deployment.aecsEndpoint());
        arguments.add("--aecs-policy=" + folder.resolve("aecs-policy.json"));
        arguments.add("--collateral=" + folder.resolve("collateral.json"));
        return run(arguments.toArray(String[]::new));
    }

    private JsonObject inferWith(Path trust) {
        Path picture = folder.resolve("scene.png");
        s3ml.client.image.Pictures.writePng(s3ml.client.image.SceneDrawing.draw(), picture);
        return run(
                "infer",
                "--trust=" + trust,
                "--model=m",
                "--image=" + picture,
                "--endpoint=127.0.0.1:1",
                "--aecs-policy=" + folder.resolve("aecs-policy.json"),
                "--collateral=" + folder.resolve("collateral.json"));
    }

    private static JsonObject run(String... command) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.add("--json");
        S3mlClient.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
        assertThat(err.toString()).isEmpty();
        return Json.parseObject(out.toString());
    }
}
