package s3ml.server.tflite;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.tensorflow.lite.schema.TensorType;
import s3ml.attest.S3mlException;

/// Changed `.tflite` files by a fixed seed (another one by `-Ds3ml.fuzz.seed=`): the front that reads them in Java
/// takes or refuses each, and what it takes the native code loads or refuses, in this very process.
final class ModelCheckFuzz {
    private static final int FRONT_RUNS = 40_000;
    private static final int NATIVE_RUNS = 1_500;

    private final long seed = Long.getLong("s3ml.fuzz.seed", 20_261_129L);

    private static List<byte[]> seeds() {
        return List.of(
                Models.doubling(TensorType.FLOAT32, 1, 4),
                Models.identity(TensorType.STRING, 2),
                Models.identity(TensorType.INT8, 2, 3));
    }

    @Test
    void a_changed_model_is_taken_or_refused_in_Java() {
        SplittableRandom random = new SplittableRandom(seed);
        int taken = 0;
        for (int run = 0; run < FRONT_RUNS; run++) {
            byte[] model = changed(seeds(random), random);
            try {
                ModelCheck.check(MemorySegment.ofArray(model));
                taken++;
            } catch (FlatTable.Malformed expected) {
                assertThat(expected.getMessage()).isNotEmpty();
            } catch (RuntimeException unexpected) {
                throw new AssertionError("seed " + seed + ", run " + run, unexpected);
            }
        }
        // Both ends are reached, or the changes were no test.
        assertThat(taken).isBetween(FRONT_RUNS / 100, FRONT_RUNS * 99 / 100);
    }

    @Test
    void what_the_front_takes_the_native_code_survives() {
        SplittableRandom random = new SplittableRandom(seed);
        for (int run = 0; run < NATIVE_RUNS; run++) {
            byte[] model = changed(seeds(random), random);
            try (Interpreter interpreter = Interpreter.open(Models.buffer(model), 1)) {
                assertThat(interpreter.inputs()).isNotNull();
            } catch (S3mlException refused) {
                assertThat(refused.code()).as("seed %d run %d", seed, run).startsWith("SRV-10");
            }
        }
    }

    private static byte[] seeds(SplittableRandom random) {
        List<byte[]> seeds = seeds();
        return seeds.get(random.nextInt(seeds.size()));
    }

    private static byte[] changed(byte[] intact, SplittableRandom random) {
        byte[] model = intact.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
            int at = random.nextInt(model.length);
            switch (random.nextInt(4)) {
                case 0 -> model[at] = (byte) random.nextInt();
                case 1 -> model[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> {
                    // A word that may be an offset, a count or an index.
                    int word = new int[] {0, 1, -1, Integer.MAX_VALUE, model.length}[random.nextInt(5)];
                    for (int i = 0; i < 4 && (at & ~3) + i < model.length; i++) {
                        model[(at & ~3) + i] = (byte) (word >>> (8 * i));
                    }
                }
                default -> model = Arrays.copyOf(model, Math.max(1, at));
            }
        }
        return model;
    }
}
