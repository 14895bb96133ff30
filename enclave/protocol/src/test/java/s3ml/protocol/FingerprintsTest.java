package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class FingerprintsTest {
    private final Fingerprints set = new Fingerprints(new Random(1));

    @Test
    void it_holds_what_was_added_and_nothing_else() {
        Random random = new Random(2);
        Set<List<Long>> expected = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            // Few distinct values, so that many come twice and many differ in one half only.
            long high = random.nextInt(100);
            long low = random.nextInt(100) * 0x9E3779B97F4A7C15L;
            assertThat(set.add(high, low)).isEqualTo(expected.add(List.of(high, low)));
        }
        assertThat(set.size()).isEqualTo(expected.size());
        for (long high = 0; high < 110; high++) {
            for (long low = 0; low < 110; low++) {
                long spread = low * 0x9E3779B97F4A7C15L;
                assertThat(set.contains(high, spread)).isEqualTo(expected.contains(List.of(high, spread)));
            }
        }
    }

    @Test
    void it_grows() {
        Random random = new Random(3);
        long[] values = random.longs(200_000).toArray();
        for (int i = 0; i < values.length; i += 2) {
            assertThat(set.add(values[i], values[i + 1])).isTrue();
        }
        assertThat(set.size()).isEqualTo(values.length / 2);
        for (int i = 0; i < values.length; i += 2) {
            assertThat(set.contains(values[i], values[i + 1])).isTrue();
            assertThat(set.contains(values[i + 1], values[i])).isFalse();
        }
    }

    @Test
    void zeros_are_a_value_like_others() {
        assertThat(set.contains(0, 0)).isFalse();
        assertThat(set.add(0, 0)).isTrue();
        assertThat(set.contains(0, 0)).isTrue();
        assertThat(set.add(0, 0)).isFalse();
    }
}
