package s3ml.server.repository;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class VersionPolicyTest {
    @Test
    void numbers_come_by_value_and_other_texts_after_them() {
        List<String> versions = new ArrayList<>(List.of("b", "10", "9", "", "2.1", "0", "1a", "100000000000000000000"));
        versions.sort(VersionPolicy.ORDER);
        assertThat(versions).containsExactly("0", "9", "10", "100000000000000000000", "", "1a", "2.1", "b");
    }

    @Test
    void zeros_before_a_number_do_not_count() {
        assertThat(VersionPolicy.ORDER.compare("007", "7")).isZero();
        assertThat(VersionPolicy.ORDER.compare("000", "0")).isZero();
        assertThat(VersionPolicy.ORDER.compare("010", "9")).isPositive();
    }

    @Test
    void numbers_of_any_length_compare_as_integers() {
        Random random = new Random(7);
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            numbers.add("0".repeat(random.nextInt(3)) + new BigInteger(1 + random.nextInt(80), random));
        }
        List<String> expected = new ArrayList<>(numbers);
        expected.sort(Comparator.comparing(BigInteger::new));
        Collections.shuffle(numbers, random);
        numbers.sort(VersionPolicy.ORDER);
        assertThat(numbers.stream().map(BigInteger::new))
                .containsExactlyElementsOf(
                        expected.stream().map(BigInteger::new).toList());
    }

    @Test
    void the_newest_are_chosen() {
        List<String> released = List.of("10", "9", "beta", "11");
        assertThat(new VersionPolicy.Latest(2).choose(released)).containsExactly("11", "beta");
        assertThat(new VersionPolicy.All().choose(released)).containsExactly("9", "10", "11", "beta");
        assertThat(new VersionPolicy.Specific(Set.of("9", "12")).choose(released))
                .containsExactly("9");
    }
}
