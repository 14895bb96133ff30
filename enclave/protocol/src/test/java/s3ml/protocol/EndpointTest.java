package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;

final class EndpointTest {
    @Test
    void names_and_addresses_of_both_versions_are_read_and_written_alike() {
        for (String text : List.of("127.0.0.1:7000", "aecs.example:1", "[::1]:65535")) {
            assertThat(Endpoint.parse(text)).hasToString(text);
        }
    }

    @Test
    void what_is_no_host_and_port_is_refused_with_the_text() {
        for (String text : List.of("", "host", "host:", ":1", "host:0", "host:65536", "::1:80", "host:1x", "host:-1")) {
            assertThatThrownBy(() -> Endpoint.parse(text))
                    .isInstanceOf(S3mlException.class)
                    .hasMessageStartingWith("PRO-107")
                    .hasMessageContaining("\"" + text + "\"");
        }
    }
}
