package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;

/// Hostile packages by a fixed seed: whatever a storage does to a file, the reader gives the model or a `PRO` refusal.
final class ModelPackageFuzz {
    private static final long SEED = 20_261_124;

    private final ModelPackageWriter writer = new ModelPackageWriter(new SecureRandom());
    private final SecretBytes key = writer.newKey();

    @TempDir
    private Path folder;

    @Test
    void a_mutated_package_gives_the_model_or_a_refusal() throws IOException {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] content = new byte[70_000];
        random.nextBytes(content);
        Path file = folder.resolve("m.s3mlpkg");
        writer.pack(
                Files.write(folder.resolve("m"), content),
                new ModelPackageWriter.Title("m", "1", List.of("a", "b")),
                key,
                file);
        byte[] intact = Files.readAllBytes(file);

        for (int run = 0; run < 2_000; run++) {
            byte[] mutated = mutate(intact, random);
            Files.write(file, mutated);
            try (ModelPackageReader reader = ModelPackageReader.open(file, key);
                    Arena arena = Arena.ofConfined()) {
                MemorySegment model = reader.load(arena);
                assertThat(model.toArray(ValueLayout.JAVA_BYTE))
                        .as("seed %d run %d", SEED, run)
                        .isEqualTo(content);
                assertThat(mutated).as("seed %d run %d", SEED, run).isEqualTo(intact);
            } catch (S3mlException e) {
                assertThat(e.code()).as("seed %d run %d", SEED, run).startsWith("PRO-1");
            }
        }
    }

    @Test
    void a_mutated_manifest_is_read_or_refused() {
        SplittableRandom random = new SplittableRandom(SEED);
        byte[] intact = """
                {"name":"m","version":"1","format":"tflite","modelSize":70000,"modelSha256":"%s","segmentSize":65536,\
                "salt":"%s","labels":["a","b"]}""".formatted("ab".repeat(32), "cd".repeat(32)).getBytes(StandardCharsets.UTF_8);

        assertThat(ModelManifest.parse(intact).modelSize()).isEqualTo(70_000);
        for (int run = 0; run < 50_000; run++) {
            try {
                ModelManifest.parse(mutate(intact, random));
            } catch (S3mlException e) {
                assertThat(e.code()).as("seed %d run %d", SEED, run).isEqualTo("PRO-112");
            }
        }
    }

    /// Flips, overwrites, cuts, doubles or moves a part.
    private static byte[] mutate(byte[] intact, SplittableRandom random) {
        byte[] bytes = intact.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
            // Half of the changes hit the start, where lengths and names stand.
            int bound = random.nextBoolean() ? Math.min(300, bytes.length) : bytes.length;
            int at = random.nextInt(bound);
            switch (random.nextInt(5)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt();
                case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(40));
                default -> {
                    int from = random.nextInt(bytes.length);
                    int length = Math.min(random.nextInt(64), bytes.length - Math.max(from, at));
                    System.arraycopy(bytes.clone(), from, bytes, at, length);
                }
            }
        }
        return bytes;
    }
}
