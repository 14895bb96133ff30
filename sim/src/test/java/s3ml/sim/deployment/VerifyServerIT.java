package s3ml.sim.deployment;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.grpc.Server;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import s3ml.attest.Digest;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.protocol.Signatures;

/// `s3ml verify https://HOST:PORT` and `s3ml bundle` of it against real processes, honest ones and such as lie.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class VerifyServerIT extends VerifiedDeployment {
    private static final String EVIDENCE = "/v2/s3ml/evidence";

    @Test
    @Order(1)
    void an_honest_server_is_trusted_in_each_part() {
        Run first = verify(url, "--witness", witnessAddress(), "--witness-key", witnessKey);

        assertThat(first.text()).as("findings").contains("\"findings\":[]");
        assertThat(first.status()).isZero();
        assertThat(first.json().string("verdict")).isEqualTo("trusted");
        for (String part : List.of("server", "aecs", "log", "referenceValues")) {
            assertThat(first.verdict(part)).as(part).isEqualTo("trusted");
        }
        assertThat(first.json().object("claims").string("mrEnclave")).isEqualTo(aecsMeasurement);
        assertThat(first.json().bool("simulated")).isTrue();
        assertThat(first.text()).contains("seen for the first time", "signed that it saw the same log");

        Run second = verify(url, "--model", packed.file().toString());

        assertThat(second.status()).as(second.text()).isZero();
        assertThat(second.text()).contains("seen last time: nothing was changed");
    }

    @Test
    @Order(2)
    void the_example_in_Python_asks_by_standard_TLS_with_the_authority_that_trust_wrote() throws Exception {
        Path kept = files.resolve("trust");

        Run trusted = run(
                "trust",
                "--aecs=" + aecs.endpoint(),
                "--aecs-policy=" + files.resolve("aecs-policy.json"),
                "--pccs=" + deployment.pccs(),
                "--service=detector",
                "--out=" + kept);
        String right = python(kept.resolve("detector-ca.pem"));
        Path stranger = Files.writeString(
                files.resolve("stranger.pem"),
                new CertificateBuilder()
                        .subject("CN=stranger")
                        .setIsCertificateAuthority(true)
                        .buildSelfSigned()
                        .getCertificatePEM());

        assertThat(trusted.status()).as(trusted.text()).isZero();
        assertThat(right.lines()).hasSize(4).allMatch(line -> line.contains("FP32"));
        assertThat(python(stranger)).contains("CERTIFICATE_VERIFY_FAILED");
    }

    private static String python(Path authority) throws Exception {
        Process process = new ProcessBuilder(
                        "python3",
                        Rig.HOME.resolve("client/examples/infer.py").toString(),
                        url.replace("https://", ""),
                        authority.toString(),
                        "detector")
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }

    @Test
    @Order(2)
    void the_report_for_people_says_in_words_what_was_proven_and_what_was_not_asked() {
        Run run = run(
                "verify",
                url,
                "--aecs-policy",
                files.resolve("aecs-policy.json").toString(),
                "--heads",
                files.resolve("other-heads.json").toString(),
                "--pccs",
                deployment.pccs().toString());

        assertThat(run.status()).as(run.text()).isZero();
        assertThat(run.text())
                .contains("SIMULATED: this evidence comes from a platform that is no TEE")
                .contains("TRUSTED: everything below was checked")
                .contains("issued by the service's own authority")
                .contains("released to the code with the measurement " + serverMeasurement)
                .contains("Which model it serves was not checked")
                .contains("No witness was asked")
                .contains("reference values: not checked");
    }

    @Test
    @Order(2)
    void without_a_policy_for_the_AECS_nothing_can_be_told() {
        Run run = run(
                "verify",
                url,
                "--json",
                "--heads",
                files.resolve("none.json").toString(),
                "--pccs",
                deployment.pccs().toString());

        assertThat(run.status()).isEqualTo(3);
        assertThat(run.codes()).contains("ATT-150");
        assertThat(files.resolve("none.json"))
                .as("heads of nobody trusted are not remembered")
                .doesNotExist();
    }

    @Test
    @Order(2)
    void an_AECS_that_the_policy_does_not_name_and_what_it_vouches_for_are_not_trusted() throws Exception {
        String other = Policies.naming(deployment.root(), Digest.of(new byte[] {1}));

        Run run = verify(url, "--aecs-policy", changed("other-aecs.json", other));

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.verdict("aecs")).isEqualTo("rejected");
        assertThat(run.verdict("server")).isEqualTo("unknown");
        assertThat(run.verdict("log")).isEqualTo("unknown");
    }

    @Test
    @Order(2)
    void another_policy_another_model_and_another_service_than_expected_are_rejected() throws Exception {
        String other = Policies.naming(deployment.root(), Digest.of(new byte[] {1}));

        Run policy = verify(url, "--policy", changed("other-policy.json", other));
        Run someModel = verify(url, "--model", changed("other.tflite", "another model"));
        Run name = verify(url, "--service", "nobody");

        assertThat(policy.status()).isEqualTo(2);
        assertThat(policy.codes()).containsExactly("CLI-205");
        assertThat(someModel.status()).isEqualTo(2);
        assertThat(someModel.codes()).containsExactly("CLI-206");
        assertThat(name.status()).isEqualTo(2);
        assertThat(name.codes()).contains("CLI-204");
    }

    @Test
    @Order(2)
    void a_measurement_that_was_not_published_is_rejected() throws Exception {
        String unknown = "ab".repeat(32);

        Run server = verify(url, "--reference-values", changed("r1.json", referenceValues(aecsMeasurement, unknown)));
        Run service =
                verify(url, "--reference-values", changed("r2.json", referenceValues(unknown, serverMeasurement)));

        for (Run run : List.of(server, service)) {
            assertThat(run.status()).isEqualTo(2);
            assertThat(run.codes()).containsExactly("CLI-209");
            assertThat(run.verdict("referenceValues")).isEqualTo("rejected");
            assertThat(run.verdict("aecs")).isEqualTo("trusted");
        }
    }

    @Test
    @Order(2)
    void a_witness_that_is_not_there_leaves_the_log_untold_and_one_with_another_key_is_refused() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }
        String stranger = Base64.getEncoder()
                .encodeToString(Signatures.generate().getPublic().getEncoded());

        Run missing = verify(url, "--witness", "127.0.0.1:" + closed, "--witness-key", witnessKey);
        Run other = verify(url, "--witness", witnessAddress(), "--witness-key", stranger);
        Run keyless = verify(url, "--witness", witnessAddress());

        assertThat(missing.status()).isEqualTo(3);
        assertThat(missing.codes()).containsExactly("CLI-186");
        assertThat(missing.verdict("log")).isEqualTo("unknown");
        assertThat(other.status()).isEqualTo(2);
        assertThat(other.codes()).containsExactly("CLI-187");
        assertThat(keyless.status()).isEqualTo(2);
    }

    @Test
    @Order(2)
    void a_server_with_a_valid_certificate_of_another_authority_is_rejected() throws Exception {
        String shown = plain(url + EVIDENCE);
        X509Bundle authority = new CertificateBuilder()
                .algorithm(CertificateBuilder.Algorithm.ecp256)
                .subject("CN=somebody else's CA")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        HttpsServer liar = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        liar.setHttpsConfigurator(new HttpsConfigurator(LyingPeers.context(authority)));
        liar.createContext(EVIDENCE, exchange -> {
            byte[] body = shown.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        liar.start();
        try {
            Run run = verify("https://127.0.0.1:" + liar.getAddress().getPort());

            assertThat(run.status()).as(run.text()).isEqualTo(2);
            assertThat(run.codes()).containsExactly("CLI-201");
            assertThat(run.verdict("server")).isEqualTo("rejected");
            assertThat(run.verdict("aecs")).isEqualTo("trusted");
        } finally {
            liar.stop(0);
        }
    }

    @Test
    @Order(2)
    void an_AECS_that_answers_with_an_old_nonce_is_rejected() throws Exception {
        Server liar = LyingPeers.replaying(aecs.channel(), "detector");
        try {
            Run run = verify(url, "--aecs", "127.0.0.1:" + liar.getPort());

            assertThat(run.status()).as(run.text()).isEqualTo(2);
            assertThat(run.codes()).contains("PRO-132");
            assertThat(run.verdict("aecs")).isEqualTo("rejected");
        } finally {
            liar.shutdownNow();
        }
    }

    @Test
    @Order(2)
    void something_between_client_and_AECS_that_ends_TLS_is_noticed() throws Exception {
        Server relay = LyingPeers.relaying(aecs.channel());
        try {
            Run run = verify(url, "--aecs", "127.0.0.1:" + relay.getPort());

            assertThat(run.status()).as(run.text()).isEqualTo(2);
            assertThat(run.codes()).contains("PRO-137");
        } finally {
            relay.shutdownNow();
        }
    }

    @Test
    @Order(2)
    void a_server_or_an_AECS_that_does_not_answer_leaves_the_verdict_open() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0)) {
            closed = socket.getLocalPort();
        }

        Run server = verify("https://127.0.0.1:" + closed);
        Run service = verify(url, "--aecs", "127.0.0.1:" + closed);

        assertThat(server.status()).isEqualTo(3);
        assertThat(server.codes()).containsExactly("CLI-160");
        assertThat(service.status()).isEqualTo(3);
        assertThat(service.codes()).contains("CLI-213");
    }

    @Test
    @Order(3)
    void a_bundle_verifies_without_a_network_and_says_later_what_has_expired() {
        Path bundle = bundle();

        Run offline = run("verify", bundle.toString(), "--json");
        Run people = run("verify", bundle.toString());
        Run later = run("verify", bundle.toString(), "--json", "--at", "2040-01-01T00:00:00Z");

        assertThat(offline.status()).as(offline.text()).isZero();
        assertThat(offline.verdict("log")).isEqualTo("trusted");
        assertThat(offline.verdict("referenceValues")).isEqualTo("trusted");
        assertThat(people.text()).contains("holds     the server's certificate");
        assertThat(later.status()).isEqualTo(2);
        assertThat(later.verdict("aecs")).isEqualTo("rejected");
    }

    @Test
    @Order(3)
    void a_bundle_with_one_changed_byte_in_any_of_its_parts_is_refused() throws Exception {
        JsonObject whole = Json.parseObject(Files.readAllBytes(bundle()));
        List<List<String>> texts = new ArrayList<>();
        ChangedBundle.texts(whole, List.of(), texts::add);
        assertThat(texts.stream().map(path -> path.getFirst()).distinct())
                .contains("at", "server", "aecs", "collateral", "log", "expectations", "sha256");

        for (List<String> path : texts) {
            JsonObject changed = ChangedBundle.oneByteChanged(whole, path);
            Run run = run("verify", changed("changed.json", Json.writePretty(changed)), "--json");

            assertThat(run.status()).as(String.join(".", path)).isEqualTo(2);
            assertThat(run.codes()).as(String.join(".", path)).containsExactly("CLI-211");
        }
    }

    @Test
    @Order(3)
    void a_changed_byte_in_what_is_signed_is_refused_even_when_the_sum_was_made_anew() throws Exception {
        JsonObject whole = Json.parseObject(Files.readAllBytes(bundle()));

        for (String path : List.of(
                "server.certificates.0",
                "server.receipt",
                "aecs.tlsKeySha256",
                "aecs.nonce",
                "aecs.answer",
                "collateral.tcb_info",
                "collateral.tcb_info_signature",
                "collateral.qe_identity",
                "collateral.root_ca_crl",
                "collateral.pck_crl",
                "log.proof",
                "log.remembered.root",
                "log.remembered.identityKey",
                "log.witness.signed",
                "log.witness.key")) {
            JsonObject changed =
                    ChangedBundle.summedAnew(ChangedBundle.oneByteChanged(whole, List.of(path.split("\\."))));
            Run run = run("verify", changed("changed.json", Json.writePretty(changed)), "--json");

            assertThat(run.status()).as(path + run.text()).isEqualTo(2);
        }
        JsonObject same = ChangedBundle.summedAnew(whole);
        assertThat(run("verify", changed("same.json", Json.writePretty(same)), "--json")
                        .status())
                .isZero();
    }

    @Test
    @Order(4)
    void a_log_that_was_rolled_back_or_forked_since_last_time_is_rejected() throws Exception {
        deployment.control().stop("aecs");
        Path saved = Files.createDirectory(files.resolve("saved"));
        copyState(deployment.folder(), saved);
        aecs.close();
        aecs = deployment.startAecs();
        aecs.createService("more-1");
        aecs.createService("more-2");
        Run before = verify(url, "--aecs", aecs.endpoint().toString());
        assertThat(before.status()).as(before.text()).isZero();

        deployment.control().stop("aecs");
        copyState(saved, deployment.folder());
        aecs.close();
        aecs = deployment.startAecs();
        Run shorter = verify(url, "--aecs", aecs.endpoint().toString());
        for (int i = 0; i < 4; i++) {
            aecs.createService("other-" + i);
        }
        Run forked = verify(url, "--aecs", aecs.endpoint().toString());

        assertThat(shorter.status()).as(shorter.text()).isEqualTo(2);
        assertThat(shorter.codes()).contains("PRO-182");
        assertThat(forked.status()).as(forked.text()).isEqualTo(2);
        assertThat(forked.codes()).contains("PRO-183");
        assertThat(forked.verdict("log")).isEqualTo("rejected");
        assertThat(forked.verdict("aecs")).isEqualTo("trusted");
    }
}
