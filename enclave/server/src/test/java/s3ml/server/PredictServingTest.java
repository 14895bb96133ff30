package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.tensorflow.lite.schema.TensorType;
import s3ml.server.engine.ModelSpec;
import s3ml.server.repository.ModelSettings;
import s3ml.server.repository.VersionPolicy;
import s3ml.server.tflite.Models;

/// TensorFlow Serving's interface, versions, labels, strings and classification.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class PredictServingTest {
    private TestServer server;

    @BeforeAll
    void start() throws Exception {
        ModelSettings all =
                new ModelSettings(new VersionPolicy.All(), ModelSpec.Batching.OFF, 1, Map.of("stable", "2"), Map.of());
        ModelSettings batched = TestServer.batching(8, 0, 64);
        server = new TestServer(Map.of("double", all, "rows", batched));
        server.pack("double", "2", Models.doubling(TensorType.FLOAT32, 1, 2));
        server.pack("double", "10", Models.doubling(TensorType.FLOAT32, 1, 2));
        server.pack("rows", "1", Models.doubling(TensorType.INT32, 1, 2), "a", "b");
        server.pack("words", "1", Models.identity(TensorType.STRING, 2));
        server.release();
    }

    @AfterAll
    void stop() throws Exception {
        server.close();
    }

    @Test
    void rows_are_answered_by_rows() throws Exception {
        assertThat(post("/v1/models/rows:predict", "{\"instances\":[[1,2],[3,4],[5,6]]}"))
                .isEqualTo("{\"predictions\":[[2,4],[6,8],[10,12]]}");
        assertThat(post("/v1/models/rows:predict", "{\"instances\":[{\"x\":[1,2]}]}"))
                .isEqualTo("{\"predictions\":[[2,4]]}");
    }

    @Test
    void columns_are_answered_by_columns() throws Exception {
        assertThat(post(
                        "/v1/models/rows:predict",
                        "{\"signature_name\":\"serving_default\",\"inputs\":{\"x\":[[1,2],[3,4]]}}"))
                .isEqualTo("{\"outputs\":[[2,4],[6,8]]}");
    }

    @Test
    void versions_and_labels_choose_what_answers() throws Exception {
        String body = "{\"inputs\":[[1,2]]}";
        assertThat(post("/v1/models/double/versions/10:predict", body)).contains("[[2.0,4.0]]");
        assertThat(post("/v1/models/double/labels/stable:predict", body)).contains("[[2.0,4.0]]");
        assertThat(post("/v1/models/double/labels/none:predict", body)).contains("SRV-205");
        assertThat(server.call("GET", "/v2/models/double/ready", "").statusCode())
                .isEqualTo(200);
        assertThat(server.call(
                                "POST",
                                "/v2/models/double/infer",
                                "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,2]}]}")
                        .body())
                .contains("\"model_version\":\"10\"");
    }

    @Test
    void status_and_metadata_have_the_fields_of_TensorFlow_Serving() throws Exception {
        assertThat(server.call("GET", "/v1/models/double", "").body())
                .isEqualTo("{\"model_version_status\":[{\"version\":\"10\",\"state\":\"AVAILABLE\",\"status\":"
                        + "{\"error_code\":\"OK\",\"error_message\":\"\"}},{\"version\":\"2\",\"state\":\"AVAILABLE\","
                        + "\"status\":{\"error_code\":\"OK\",\"error_message\":\"\"}}]}");
        assertThat(server.call("GET", "/v1/models/rows/metadata", "").body())
                .contains("\"serving_default\":{\"inputs\":{\"x\":{\"dtype\":\"DT_INT32\"");
    }

    @Test
    void strings_travel_as_text_and_as_base64() throws Exception {
        assertThat(post("/v1/models/words:predict", "{\"inputs\":[\"a\",{\"b64\":\"Yg==\"}]}"))
                .isEqualTo("{\"outputs\":[\"a\",\"b\"]}");
        assertThat(
                        post(
                                "/v2/models/words/infer",
                                "{\"inputs\":[{\"name\":\"x\",\"shape\":[2],\"datatype\":\"BYTES\",\"data\":[\"\",\"zwei\"]}]}"))
                .contains("[\"\",\"zwei\"]");
    }

    @Test
    void the_best_classes_come_with_their_labels() throws Exception {
        assertThat(post(
                        "/v2/models/rows/infer",
                        "{\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],\"datatype\":\"INT32\",\"data\":[1,2,9,3]}],"
                                + "\"outputs\":[{\"name\":\"sum\",\"parameters\":{\"classification\":1}}]}"))
                .contains("\"datatype\":\"BYTES\",\"shape\":[2,1],\"data\":[\"4:1:b\",\"18:0:a\"]");
    }

    @Test
    void uneven_nesting_and_missing_inputs_are_refused() throws Exception {
        assertThat(post("/v1/models/rows:predict", "{\"instances\":[[1,2],[3]]}"))
                .contains("SRV-216");
        assertThat(post("/v1/models/rows:predict", "{\"instances\":[[1,2],3]}")).contains("SRV-216");
        assertThat(post("/v1/models/rows:predict", "{\"instances\":[{\"y\":1}]}"))
                .contains("SRV-214");
        assertThat(post("/v1/models/rows:predict", "{}")).contains("SRV-214");
        assertThat(post("/v1/models/rows:predict", "{\"instances\":" + "[".repeat(30)))
                .contains("SRV-216");
    }

    private String post(String path, String body) throws Exception {
        HttpResponse<String> response = server.call("POST", path, body);
        return response.body();
    }
}
