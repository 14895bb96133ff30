package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.WarmUp;
import s3ml.server.repository.ModelSettings;
import s3ml.server.repository.PackageOrigin;
import s3ml.server.repository.VersionPolicy;

final class ServerConfigLoaderTest {
    private static final String LEAST =
            "{\"service\":\"s\",\"aecs\":[\"127.0.0.1:1\"],\"pccs\":\"http://127.0.0.1:2\",\"packages\":\"p\"";

    @Test
    void what_is_not_said_has_the_documented_values() {
        ServerConfig config = ServerConfigLoader.parse(LEAST + "}");

        assertThat(config.listen()).isEqualTo(ServerConfig.Listen.DEFAULT);
        assertThat(config.listen().restPort()).isEqualTo(8000);
        assertThat(config.listen().grpcPort()).isEqualTo(8001);
        assertThat(config.listen().metricsPort()).isEqualTo(8002);
        assertThat(config.limits()).isEqualTo(ServerConfig.Limits.DEFAULT);
        assertThat(config.models().packages()).isEqualTo(new PackageOrigin.Folder(Path.of("p")));
        assertThat(config.models().threads()).isEqualTo(Runtime.getRuntime().availableProcessors());
        assertThat(config.models().instances()).isEqualTo(1);
        assertThat(config.models().memoryBudget()).isZero();
    }

    @Test
    void instances_share_the_processors_unless_threads_are_given() {
        int processors = Runtime.getRuntime().availableProcessors();

        assertThat(ServerConfigLoader.parse(LEAST + ",\"instances\":2}")
                        .models()
                        .threads())
                .isEqualTo(Math.max(1, processors / 2));
        assertThat(ServerConfigLoader.parse(LEAST + ",\"instances\":2,\"threads\":5}")
                        .models()
                        .threads())
                .isEqualTo(5);
    }

    @Test
    void settings_of_a_model_are_read() {
        ServerConfig config = ServerConfigLoader.parse(
                LEAST
                        + ",\"models\":{\"m\":{\"versions\":[\"1\",\"3\"],\"maxBatch\":8,\"maxDelayMicroseconds\":500,"
                        + "\"preferredBatches\":[2,8],\"warmUpInputs\":{\"x\":\"x.raw\"},"
                        + "\"queueLimit\":10,\"longestWaitMilliseconds\":300,\"warmUpRuns\":2,\"labels\":{\"stable\":\"1\"},\"canary\":{\"3\":5}}}}");

        ModelSettings settings = Objects.requireNonNull(config.models().models().get("m"));
        assertThat(settings.versions()).isEqualTo(new VersionPolicy.Specific(Set.of("1", "3")));
        assertThat(settings.batching()).isEqualTo(new ModelSpec.Batching(8, 500_000, 10, List.of(2, 8), 300_000_000));
        assertThat(settings.warmUp()).isEqualTo(new WarmUp.Plan(2, Map.of("x", Path.of("x.raw"))));
        assertThat(settings.labels()).containsEntry("stable", "1");
        assertThat(settings.canary()).containsEntry("3", 5);
    }

    @Test
    void packages_may_come_from_a_store() {
        ServerConfig config = ServerConfigLoader.parse(LEAST.replace("\"p\"", "\"https://store:9000/bucket/a\"")
                + ",\"packageCache\":\"c\",\"packageUrls\":{\"m:1\":\"https://store/signed?x=y\"},\"packageCa\":\"ca.pem\","
                + "\"maxPackageMegabytes\":3,\"packagePollSeconds\":7}");

        assertThat(config.models().packages())
                .isEqualTo(new PackageOrigin.Store(
                        URI.create("https://store:9000/bucket/a"),
                        Map.of("m:1", URI.create("https://store/signed?x=y")),
                        Path.of("c"),
                        Optional.of(Path.of("ca.pem")),
                        3L << 20));
        assertThat(config.models().poll()).hasSeconds(7);
    }

    @Test
    void a_store_without_a_cache_and_a_folder_with_one_are_refused() {
        assertThatThrownBy(() -> ServerConfigLoader.parse(LEAST.replace("\"p\"", "\"http://store/bucket\"")
                        + ",\"packageUrls\":{\"m:1\":\"file:///etc/passwd\"},\"maxPackageMegabytes\":0}"))
                .hasMessageContaining("packageCache is missing")
                .hasMessageContaining("packageUrls.m:1 must be an http or https address")
                .hasMessageContaining("maxPackageMegabytes must be within");
        assertThatThrownBy(() -> ServerConfigLoader.parse(LEAST + ",\"packageCache\":\"c\"}"))
                .hasMessageContaining("packageCache and packageUrls are for");
    }

    @Test
    void all_faults_are_told_at_once() {
        assertThatThrownBy(() -> ServerConfigLoader.parse("{\"restPort\":70000,\"colour\":1,\"aecs\":[\"x\"],"
                        + "\"pccs\":\"nowhere\",\"models\":{\"m\":{\"versions\":\"newest\",\"size\":3,"
                        + "\"preferredBatches\":[4]}}}"))
                .hasMessageContaining("SRV-321")
                .hasMessageContaining("unknown key \"colour\"")
                .hasMessageContaining("service is missing")
                .hasMessageContaining("packages is missing")
                .hasMessageContaining("restPort must be within 0..65535")
                .hasMessageContaining("\"x\" is not HOST:PORT")
                .hasMessageContaining("pccs must be an http or https address")
                .hasMessageContaining("unknown key \"models.m.size\"")
                .hasMessageContaining("models.m.preferredBatches must ascend within 1..1")
                .hasMessageContaining("models.m.versions must be");
    }
}
