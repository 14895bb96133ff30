package s3ml.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.protocol.Lease;
import s3ml.server.engine.ModelName;
import s3ml.server.engine.ModelSpec;
import s3ml.server.engine.RequestRefused;
import s3ml.server.repository.ModelSettings;
import s3ml.server.repository.ModelState;
import s3ml.server.repository.VersionPolicy;
import s3ml.server.tflite.Models;

/// Packages from an untrusted folder, versions, canaries, renewed keys.
final class RepositoryTest {
    private static final long MOST_GROWTH_KILOBYTES = 8_000;

    @SuppressWarnings("NullAway.Init") // each test makes its own
    private TestServer server;

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    private static ModelSettings versions(VersionPolicy policy, Map<String, Integer> canary) {
        return new ModelSettings(policy, ModelSpec.Batching.OFF, 0, Map.of(), canary);
    }

    private String state(String model, String version) {
        ModelState state =
                Objects.requireNonNull(server.repository().versions(model).get(version));
        return state.label() + " " + state.reason();
    }

    @Test
    void a_package_with_one_flipped_bit_is_not_loaded_and_the_server_is_not_ready() throws Exception {
        server = new TestServer(Map.of());
        server.pack("flipped", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("good", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        Path file = server.folder().resolve("flipped-1.s3mlpkg");
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);

        server.release();

        assertThat(state("flipped", "1")).isEqualTo("UNAVAILABLE PRO-115");
        assertThat(state("good", "1")).isEqualTo("READY ");
        assertThat(server.serving().isReady()).isFalse();
    }

    @Test
    void a_file_that_is_no_model_a_missing_package_and_another_ones_package_are_told_apart() throws Exception {
        server = new TestServer(Map.of());
        server.pack("noise", "1", new byte[1000]);
        server.pack("missing", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("swapped", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        Files.delete(server.folder().resolve("missing-1.s3mlpkg"));
        Files.copy(
                server.folder().resolve("noise-1.s3mlpkg"),
                server.folder().resolve("swapped-1.s3mlpkg"),
                java.nio.file.StandardCopyOption.REPLACE_EXISTING);

        server.release();

        assertThat(state("noise", "1")).isEqualTo("UNAVAILABLE SRV-102");
        assertThat(state("missing", "1")).isEqualTo("UNAVAILABLE SRV-302");
        assertThat(state("swapped", "1")).isEqualTo("UNAVAILABLE PRO-114");
    }

    @Test
    void the_newest_version_by_number_is_loaded_and_older_ones_are_not() throws Exception {
        server = new TestServer(Map.of());
        server.pack("m", "9", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("m", "10", Models.doubling(TensorType.FLOAT32, 1, 4));

        server.release();

        assertThat(server.repository().find(ModelName.anyVersionOf("m")).spec().name())
                .isEqualTo(new ModelName("m", "10"));
        assertThatThrownBy(() -> server.repository().find(new ModelName("m", "9")))
                .isInstanceOf(RequestRefused.class);
    }

    @Test
    void a_new_version_takes_over_and_the_old_one_goes() throws Exception {
        server = new TestServer(Map.of()).with("m", Models.doubling(TensorType.FLOAT32, 1, 4));

        server.pack("m", "2", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.release();

        assertThat(server.repository().find(ModelName.anyVersionOf("m")).spec().name())
                .isEqualTo(new ModelName("m", "2"));
        assertThat(state("m", "1")).isEqualTo("UNAVAILABLE unloaded");
    }

    @Test
    void a_key_that_is_no_longer_released_takes_its_model_away() throws Exception {
        server = new TestServer(Map.of()).with("m", Models.doubling(TensorType.FLOAT32, 1, 4));

        server.repository().released(List.<Lease.ModelKey>of()).join();

        assertThat(server.repository().names()).isEmpty();
    }

    @Test
    void a_model_that_was_unloaded_on_request_stays_away_when_the_lease_is_renewed() throws Exception {
        server = new TestServer(Map.of()).with("m", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.repository().unload("m").join();

        server.release();

        assertThat(state("m", "1")).isEqualTo("UNAVAILABLE unloaded");
        server.repository().load("m").join();
        assertThat(state("m", "1")).isEqualTo("READY ");
    }

    @Test
    void a_canary_gets_its_share_of_requests_that_name_no_version() throws Exception {
        server = new TestServer(Map.of("m", versions(new VersionPolicy.All(), Map.of("1", 90, "2", 10))));
        server.pack("m", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("m", "2", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.release();

        int canary = 0;
        for (int i = 0; i < 2000; i++) {
            String version = server.repository()
                    .find(ModelName.anyVersionOf("m"))
                    .spec()
                    .name()
                    .version();
            canary += version.equals("2") ? 1 : 0;
        }

        assertThat(canary).isBetween(140, 260);
    }

    @Test
    void a_caller_who_names_an_affinity_always_gets_the_same_version_and_callers_get_their_shares() throws Exception {
        server = new TestServer(Map.of("m", versions(new VersionPolicy.All(), Map.of("1", 50, "2", 50))));
        server.pack("m", "1", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.pack("m", "2", Models.doubling(TensorType.FLOAT32, 1, 4));
        server.release();

        int canary = 0;
        for (int user = 0; user < 500; user++) {
            String first = versionFor("user-" + user);
            assertThat(versionFor("user-" + user)).isEqualTo(first);
            assertThat(versionFor("user-" + user)).isEqualTo(first);
            canary += first.equals("2") ? 1 : 0;
        }

        assertThat(canary).isBetween(190, 310);
    }

    private String versionFor(String affinity) {
        return server.repository()
                .find(ModelName.anyVersionOf("m"), affinity)
                .spec()
                .name()
                .version();
    }

    @Test
    void loading_and_unloading_many_times_gives_the_memory_back() throws Exception {
        server = new TestServer(Map.of()).with("m", Models.doubling(TensorType.FLOAT32, 1, 4));
        // Until compiled code and the allocator's free lists have their size.
        cycle(200);
        long firstHalf = leastKilobytesWhileCycling();

        long secondHalf = leastKilobytesWhileCycling();
        // A busy machine's collector may be late with what it has to free; a leak stays.
        for (int patience = 0; patience < 40 && secondHalf - firstHalf >= MOST_GROWTH_KILOBYTES; patience++) {
            secondHalf = Math.min(secondHalf, kilobytesCollected());
        }

        assertThat(secondHalf - firstHalf).isLessThan(MOST_GROWTH_KILOBYTES);
    }

    /// The least of five readings in 500 cycles: what the allocator holds for a moment is not a leak. The build gives
    /// this process a heap of fixed size, all of it resident, so what grows is not the heap.
    private long leastKilobytesWhileCycling() throws IOException, InterruptedException {
        long least = Long.MAX_VALUE;
        for (int reading = 0; reading < 5; reading++) {
            cycle(100);
            least = Math.min(least, kilobytesCollected());
        }
        return least;
    }

    private long kilobytesCollected() throws IOException, InterruptedException {
        System.gc();
        // What the collector's cleaners free goes back to the system with the next model that is unloaded.
        Thread.sleep(200);
        cycle(1);
        return anonymousKilobytes();
    }

    private void cycle(int times) {
        for (int i = 0; i < times; i++) {
            server.repository().unload("m").join();
            server.repository().load("m").join();
        }
    }

    private static long anonymousKilobytes() throws IOException {
        return Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("RssAnon:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
