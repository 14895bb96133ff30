package s3ml.aecs.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EtcdConfigTest {
    @Test
    void endpoints_and_prefix_are_read_from_one_line() {
        EtcdConfig config = EtcdConfig.parse("etcd:127.0.0.1:2379,etcd-1:2379/team/a");

        assertThat(config.endpoints()).containsExactly("127.0.0.1:2379", "etcd-1:2379");
        assertThat(config.prefix()).isEqualTo("team/a/");
    }

    @Test
    void the_defaults_are_these() {
        EtcdConfig config = EtcdConfig.parse("etcd:h:1");

        assertThat(config)
                .isEqualTo(new EtcdConfig(
                        List.of("h:1"), "s3ml/", Duration.ofSeconds(2), Duration.ofSeconds(12), Optional.empty()));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "etcd:",
                "sqlite:file",
                "etcd:host",
                "etcd:host:99999",
                "etcd:host:1,",
                "etcd::1",
                "etcd:h:1/a b",
                "etcd:h:1/ä"
            })
    void anything_else_is_refused_with_what_to_write(String text) {
        assertThatThrownBy(() -> EtcdConfig.parse(text))
                .hasMessageContaining("AECS-309")
                .hasMessageContaining("etcd:HOST:PORT");
    }

    @Test
    void a_client_certificate_without_its_key_is_refused() {
        assertThatThrownBy(() -> new EtcdConfig.Tls(Path.of("ca"), Optional.of(Path.of("cert")), Optional.empty()))
                .hasMessageContaining("without its key");
    }
}
