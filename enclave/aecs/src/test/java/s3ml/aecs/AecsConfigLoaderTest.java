package s3ml.aecs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import s3ml.aecs.etcd.EtcdConfig;
import s3ml.protocol.Signatures;

final class AecsConfigLoaderTest {
    private static final String ADMIN =
            Base64.getEncoder().encodeToString(Signatures.generate().getPublic().getEncoded());

    private static String minimal(String more) {
        return """
                {"store": "sqlite:/tmp/a.db", "admins": ["%s"], "pccs": "http://127.0.0.1:8081"%s}""".formatted(ADMIN, more);
    }

    @Test
    void the_defaults_are_these() {
        AecsConfig config = AecsConfigLoader.parse(minimal(""));

        assertThat(config.listen()).isEqualTo(new AecsConfig.Listen("127.0.0.1", 0, Optional.empty()));
        assertThat(config.store()).isEqualTo(new AecsConfig.SqliteStore(Path.of("/tmp/a.db")));
        assertThat(config.rootFile()).isEqualTo(Path.of("/tmp/a.db.root"));
        assertThat(config.bootstrap().threshold()).isEqualTo(1);
        assertThat(config.bootstrap().create()).isFalse();
        assertThat(config.times())
                .isEqualTo(new AecsConfig.Times(
                        Duration.ofHours(1), Duration.ofMinutes(1), Duration.ofDays(1), Duration.ofDays(7)));
        assertThat(config.replicas().peers()).isEmpty();
    }

    @Test
    void every_key_is_read() {
        AecsConfig config = AecsConfigLoader.parse("""
                {"bind": "::1", "port": 7443, "metricsPort": 7444, "store": "etcd:127.0.0.1:2379,127.0.0.1:2381/mine",
                 "rootFile": "/tmp/root", "admins": ["%s"], "adminThreshold": 1, "pccs": "https://pccs.example:8081",
                 "leaseSeconds": 5, "challengeSeconds": 6, "ticketKeySeconds": 70, "hpkeKeySeconds": 80,
                 "peers": ["127.0.0.1:7445"], "create": true}""".formatted(ADMIN));

        assertThat(config.listen()).isEqualTo(new AecsConfig.Listen("::1", 7443, Optional.of(7444)));
        assertThat(config.store()).isInstanceOfSatisfying(AecsConfig.EtcdStore.class, etcd -> {
            assertThat(etcd.endpoints()).hasSize(2);
            assertThat(etcd.prefix()).isEqualTo("mine/");
        });
        assertThat(config.times().lease()).isEqualTo(Duration.ofSeconds(5));
        assertThat(config.replicas().peers()).hasSize(1);
        assertThat(config.bootstrap().create()).isTrue();
    }

    @Test
    void all_witnesses_are_needed_unless_the_file_says_how_many() {
        String two = """
                , "witnesses": [{"address": "127.0.0.1:7450", "publicKey": "%s"}, {"address": "w:7450", "publicKey": "%s"}]""".formatted(ADMIN, ADMIN);

        assertThat(AecsConfigLoader.parse(minimal(two)).witnesses().needed()).isEqualTo(2);
        assertThat(AecsConfigLoader.parse(minimal(two + ", \"witnessesNeeded\": 0"))
                        .witnesses()
                        .all())
                .hasSize(2);
        assertThatThrownBy(() -> AecsConfigLoader.parse(minimal(two + ", \"witnessesNeeded\": 3")))
                .hasMessageContaining("witnessesNeeded must be within 0..2");
        assertThatThrownBy(() -> AecsConfigLoader.parse(
                        minimal(", \"witnesses\": [{\"address\": \"127.0.0.1:7450\", \"publicKey\": \"none\"}]")))
                .hasMessageContaining("witnesses[0]");
    }

    @Test
    void an_etcd_can_be_spoken_to_by_tls_with_a_client_certificate() {
        String etcd = """
                {"store": "etcd:127.0.0.1:2379", "rootFile": "/tmp/root", "admins": ["%s"], "pccs": "http://127.0.0.1:8081"%s}""";

        assertThat(AecsConfigLoader.parse(etcd.formatted(
                                ADMIN, ", \"etcdCa\": \"/ca\", \"etcdCertificate\": \"/crt\", \"etcdKey\": \"/key\""))
                        .store())
                .isInstanceOfSatisfying(
                        AecsConfig.EtcdStore.class,
                        store -> assertThat(store.tls())
                                .contains(new EtcdConfig.Tls(
                                        Path.of("/ca"), Optional.of(Path.of("/crt")), Optional.of(Path.of("/key")))));
        assertThatThrownBy(() -> AecsConfigLoader.parse(etcd.formatted(ADMIN, ", \"etcdKey\": \"/key\"")))
                .hasMessageContaining("etcdCertificate and etcdKey belong together");
    }

    @Test
    void all_faults_are_told_at_once() {
        assertThatThrownBy(() -> AecsConfigLoader.parse("""
                        {"bind": "somewhere", "port": 70000, "store": "file:x", "admins": [], "pccs": "no address",
                         "leaseSeconds": 0, "lesaeSeconds": 5}"""))
                .hasMessageContaining("AECS-101")
                .message()
                .contains(
                        "bind must be",
                        "port must be within",
                        "store must be",
                        "admins must be",
                        "pccs must be",
                        "leaseSeconds must be within",
                        "unknown key \"lesaeSeconds\"");
    }

    @Test
    void an_admin_key_that_is_none_is_refused() {
        assertThatThrownBy(() -> AecsConfigLoader.parse(
                        "{\"store\": \"sqlite:a\", \"admins\": [\"AAAA\"], \"pccs\": \"http://localhost\"}"))
                .hasMessageContaining("admins[0]");
    }

    @Test
    void an_etcd_store_needs_a_root_file() {
        assertThatThrownBy(() -> AecsConfigLoader.parse(minimal("").replace("sqlite:/tmp/a.db", "etcd:127.0.0.1:2379")))
                .hasMessageContaining("rootFile is missing");
    }

    @Test
    void a_threshold_above_the_number_of_admins_is_refused() {
        assertThatThrownBy(() -> AecsConfigLoader.parse(minimal(", \"adminThreshold\": 2")))
                .hasMessageContaining("adminThreshold must be within 1..1");
    }

    @Test
    void a_text_that_is_no_json_is_refused() {
        assertThatThrownBy(() -> AecsConfigLoader.parse("{")).hasMessageContaining("AECS-101");
    }
}
