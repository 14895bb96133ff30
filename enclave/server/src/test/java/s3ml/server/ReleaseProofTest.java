package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.Test;
import s3ml.attest.json.Json;
import s3ml.attest.json.JsonObject;
import s3ml.wire.aecs.LogReceipt;

/// What a server shows to strangers who verify it.
final class ReleaseProofTest {
    private static final String PATH = "/v2/s3ml/evidence";

    @Test
    void a_server_shows_the_receipt_of_its_newest_lease_to_anybody() throws Exception {
        try (TestServer server = new TestServer(Map.of())) {
            server.server().released(receipt(1));
            server.server().released(receipt(2));

            HttpResponse<String> response = server.call("GET", PATH, "");

            assertThat(response.statusCode()).isEqualTo(200);
            JsonObject shown = Json.parseObject(response.body());
            assertThat(shown.string("service")).isEqualTo("test");
            assertThat(LogReceipt.parseFrom(Base64.getDecoder().decode(shown.string("receipt"))))
                    .isEqualTo(receipt(2));
        }
    }

    @Test
    void a_server_without_a_lease_and_other_methods_and_paths_are_refused() throws Exception {
        try (TestServer server = new TestServer(Map.of())) {
            assertThat(server.call("GET", PATH, "").statusCode()).isEqualTo(404);

            server.server().released(receipt(1));

            assertThat(server.call("POST", PATH, "{}").statusCode()).isEqualTo(405);
            assertThat(server.call("GET", PATH + "/more", "").statusCode()).isEqualTo(404);
        }
    }

    private static LogReceipt receipt(long index) {
        return LogReceipt.newBuilder()
                .setIndex(index)
                .setEntry(ByteString.copyFromUtf8("entry"))
                .build();
    }
}
