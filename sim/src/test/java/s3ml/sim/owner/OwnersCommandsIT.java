package s3ml.sim.owner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.client.cli.S3mlClient;

/// The admins' commands as processes of their own: one document on standard output, people's text on standard error,
/// and the exit status.
final class OwnersCommandsIT {
    @TempDir
    private Path folder;

    private Deployment deployment;

    /// What one command said.
    private record Said(int status, String out, String err) {
        JsonObject document() {
            assertThat(err).isEmpty();
            assertThat(out.lines()).hasSize(1);
            return Json.parseObject(out);
        }
    }

    @BeforeEach
    void start() throws Exception {
        assertThat(run("key", "new", "--out", file("admin.pem")).status()).isZero();
        assertThat(run("key", "new", "--out", file("second.pem")).status()).isZero();
        deployment = new Deployment(folder, Base64.getDecoder().decode(publicKey("admin.pem")));
    }

    @AfterEach
    void stop() {
        deployment.close();
    }

    private String publicKey(String key) throws Exception {
        return run("key", "show", file(key), "--json").document().string("publicKey");
    }

    private String file(String name) {
        return folder.resolve(name).toString();
    }

    @Test
    void services_policies_and_secrets_are_made_listed_and_removed() throws Exception {
        assertThat(admin("service", "create", "s", "--names=s.test").status()).isZero();
        Deployment.write(folder.resolve("policy.json"), deployment.policy(deployment.serverEnclave));
        assertThat(admin("policy", "set", "s", file("policy.json")).status()).isZero();
        assertThat(admin("secret", "create", "s", "signing", "--kind=ec-p256").status())
                .isZero();

        JsonObject listed = admin("secret", "list", "s").document();

        assertThat(listed.array("secrets").objects()).hasSize(1);
        assertThat(admin("enclave", "list", "s").status()).isZero();
        assertThat(admin("secret", "remove", "s", "signing").status()).isZero();
    }

    @Test
    void what_the_aecs_refuses_ends_with_2_and_its_code() throws Exception {
        assertThat(admin("service", "create", "s", "--names=s.test").status()).isZero();

        Said again = admin("service", "create", "s", "--names=s.test");
        Said stranger = signedBy("second.pem", "service", "create", "t", "--names=t.test");

        assertThat(again.status()).isEqualTo(2);
        assertThat(again.document().object("error").string("code")).startsWith("AECS-24");
        assertThat(stranger.status()).isEqualTo(2);
        assertThat(stranger.document().object("error").string("code")).isEqualTo("AECS-240");
    }

    @Test
    void wrong_usage_ends_with_2_and_says_so_on_standard_error() throws Exception {
        Said missing = run("service", "create", "s");
        Said unknown = run("secret", "destroy");
        Said noFile = signedBy("absent.pem", "aecs", "show");

        assertThat(missing.status()).isEqualTo(2);
        assertThat(missing.err()).contains("--names");
        assertThat(missing.out()).isEmpty();
        assertThat(unknown.status()).isEqualTo(2);
        assertThat(noFile.status()).isIn(1, 2);
        assertThat(noFile.document().object("error").string("code")).startsWith("CLI-");
    }

    @Test
    void an_aecs_that_is_not_there_ends_with_1() throws Exception {
        String endpoint = deployment.aecsEndpoint().toString();
        deployment.close();

        Said said = at(endpoint, "aecs", "show", "--key=" + file("admin.pem"));

        assertThat(said.status()).isEqualTo(1);
        assertThat(said.document().object("error").string("code")).isEqualTo("PRO-139");
    }

    @Test
    void a_command_travels_between_admins_and_is_done_once() throws Exception {
        String both = "--admin=" + publicKey("admin.pem");
        String second = "--admin=" + publicKey("second.pem");
        assertThat(admin("aecs", "admins", both, second, "--threshold=2").status())
                .isZero();
        Deployment.write(folder.resolve("replicas.json"), deployment.policy(deployment.aecsEnclave));
        Said made = admin("aecs", "replicas", "--policy=" + file("replicas.json"), "--request=" + file("request.json"));
        assertThat(made.status()).isZero();
        assertThat(made.document().array("signedBy").strings()).hasSize(1);
        assertThat(submit().document().object("error").string("code")).isEqualTo("AECS-241");

        Said signed = run("aecs", "sign", file("request.json"), "--key=" + file("second.pem"), "--json");

        assertThat(signed.document().array("signedBy").strings()).hasSize(2);
        assertThat(submit().status()).isZero();
        assertThat(admin("aecs", "show").document().string("replicaPolicy")).contains("mrEnclave");
        assertThat(submit().document().object("error").string("code")).isEqualTo("AECS-243");
    }

    @Test
    void a_travelling_command_that_was_changed_is_refused_before_it_is_signed() throws Exception {
        Deployment.write(folder.resolve("replicas.json"), deployment.policy(deployment.aecsEnclave));
        admin("aecs", "replicas", "--policy=" + file("replicas.json"), "--request=" + file("request.json"));
        JsonObject request = Json.parseObject(Files.readString(folder.resolve("request.json")));
        byte[] command = Base64.getDecoder().decode(request.string("command"));
        command[command.length - 1] ^= 1;
        Files.writeString(
                folder.resolve("request.json"),
                Files.readString(folder.resolve("request.json"))
                        .replace(request.string("command"), Base64.getEncoder().encodeToString(command)));

        Said said = run("aecs", "sign", file("request.json"), "--key=" + file("second.pem"), "--json");

        assertThat(said.status()).isEqualTo(2);
        assertThat(said.document().object("error").string("code")).isIn("CLI-191", "CLI-192");
    }

    @Test
    void the_log_is_watched_saved_verified_and_co_signed_by_a_witness() throws Exception {
        String heads = "--heads=" + file("heads.json");
        assertThat(watch("log", "head", heads).status()).isZero();
        assertThat(admin("service", "create", "s", "--names=s.test").status()).isZero();
        assertThat(watch("log", "save", heads, "--out=" + file("whole.log")).status())
                .isZero();
        assertThat(run("log", "verify", file("whole.log"), heads, "--json")
                        .document()
                        .bool("verified"))
                .isTrue();
        assertThat(watch("log", "prove", "1", heads).document().object("entry").string("action"))
                .isEqualTo("create-service");

        Process witness = process("log", "witness", "--state=" + file("witness"), "--admit-any");
        try {
            BufferedReader lines = witness.inputReader(StandardCharsets.UTF_8);
            JsonObject ready = Json.parseObject(lines.readLine());
            Said signed = watch(
                    "log",
                    "cosign",
                    heads,
                    "--witness=127.0.0.1:" + ready.number("port"),
                    "--witness-key=" + ready.string("publicKey"),
                    "--out=" + file("cosigned"));
            Said byAnother = watch(
                    "log",
                    "cosign",
                    heads,
                    "--witness=127.0.0.1:" + ready.number("port"),
                    "--witness-key=" + publicKey("second.pem"));

            assertThat(signed.document().number("size")).isEqualTo(2);
            assertThat(Files.size(folder.resolve("cosigned"))).isPositive();
            assertThat(byAnother.status()).isEqualTo(2);
            assertThat(byAnother.document().object("error").string("code")).isEqualTo("CLI-187");
        } finally {
            witness.destroy();
            witness.waitFor();
        }
    }

    @Test
    void a_log_that_was_rolled_back_behind_the_kept_head_is_refused() throws Exception {
        String heads = "--heads=" + file("heads.json");
        byte[] key = Base64.getDecoder().decode(publicKey("admin.pem"));
        deployment.close();
        Files.copy(folder.resolve("aecs.db"), folder.resolve("old.db"));
        deployment = new Deployment(folder, key);
        assertThat(admin("service", "create", "s", "--names=s.test").status()).isZero();
        assertThat(watch("log", "head", heads).status()).isZero();
        deployment.close();
        for (String left : List.of("aecs.db-wal", "aecs.db-shm")) {
            Files.deleteIfExists(folder.resolve(left));
        }
        Files.copy(folder.resolve("old.db"), folder.resolve("aecs.db"), StandardCopyOption.REPLACE_EXISTING);
        deployment = new Deployment(folder, key);

        Said said = watch("log", "head", heads);

        assertThat(said.status()).isNotZero();
        assertThat(said.document().object("error").string("code")).isEqualTo("PRO-182");
    }

    @Test
    void a_shell_gets_a_script_that_completes_the_commands() throws Exception {
        Said bash = run("completion", "bash");
        Said unknown = run("completion", "fish");

        assertThat(bash.status()).isZero();
        assertThat(bash.out()).contains("complete").contains("fetch-secrets").contains("--aecs-policy");
        assertThat(run("completion", "zsh").out()).contains("bashcompinit");
        assertThat(unknown.status()).isEqualTo(2);
        Process check =
                new ProcessBuilder("bash", "-n").redirectErrorStream(true).start();
        check.getOutputStream().write(bash.out().getBytes(StandardCharsets.UTF_8));
        check.getOutputStream().close();
        assertThat(new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .isEmpty();
    }

    private Said submit() throws Exception {
        return watch("aecs", "submit", file("request.json"));
    }

    private Said admin(String... command) throws Exception {
        return signedBy("admin.pem", command);
    }

    private Said signedBy(String key, String... command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.add("--key=" + file(key));
        return watch(arguments.toArray(String[]::new));
    }

    private Said watch(String... command) throws Exception {
        return at(deployment.aecsEndpoint().toString(), command);
    }

    private Said at(String endpoint, String... command) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(command));
        arguments.add("--aecs=" + endpoint);
        arguments.add("--aecs-policy=" + folder.resolve("aecs-policy.json"));
        arguments.add("--collateral=" + folder.resolve("collateral.json"));
        arguments.add("--json");
        return run(arguments.toArray(String[]::new));
    }

    private Said run(String... arguments) throws Exception {
        Path err = Files.createTempFile(folder, "err", ".txt");
        Process process = builder(arguments).redirectError(err.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), out, Files.readString(err));
    }

    private static Process process(String... arguments) throws IOException {
        return builder(arguments).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    }

    private static ProcessBuilder builder(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                S3mlClient.class.getName()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }
}
