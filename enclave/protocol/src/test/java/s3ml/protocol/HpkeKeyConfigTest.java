package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;

final class HpkeKeyConfigTest {
    private static final String KEY = "31e1f05a740102115220e9af918f738674aec95f54db6e04eb705aae8e798155";

    @Test
    void a_configuration_is_encoded_as_the_RFC_lays_it_out() {
        byte[] encoded = new HpkeKeyConfig(1, ByteString.fromHex(KEY)).encode();

        assertThat(HexFormat.of().formatHex(encoded)).isEqualTo("01" + "0020" + KEY + "0004" + "0001" + "0002");
    }

    @Test
    void several_configurations_follow_each_other() {
        HpkeKeyConfig first = new HpkeKeyConfig(255, ByteString.fromHex(KEY));
        HpkeKeyConfig second = new HpkeKeyConfig(0, ByteString.copyFrom(new byte[32]));

        List<HpkeKeyConfig> parsed = HpkeKeyConfig.parseAll(Bytes.concat(first.encode(), second.encode()));

        assertThat(parsed).containsExactly(first, second);
        assertThat(HpkeKeyConfig.parseAll(new byte[0])).isEmpty();
    }

    @Test
    void a_configuration_with_more_algorithms_is_read_if_ours_is_among_them() {
        byte[] offered = HexFormat.of().parseHex("01" + "0020" + KEY + "0008" + "00010001" + "00010002");
        byte[] lacking = HexFormat.of().parseHex("01" + "0020" + KEY + "0008" + "00010001" + "00010003");

        assertThat(HpkeKeyConfig.parseAll(offered)).hasSize(1);
        assertRefused(lacking);
    }

    @Test
    void another_kem_a_cut_and_trailing_bytes_are_refused() {
        byte[] encoded = new HpkeKeyConfig(1, ByteString.copyFrom(new byte[32])).encode();

        for (int length = 1; length < encoded.length; length++) {
            assertRefused(Arrays.copyOf(encoded, length));
        }
        assertRefused(Arrays.copyOf(encoded, encoded.length + 1));
        byte[] otherKem = encoded.clone();
        otherKem[2] = 0x10;
        assertRefused(otherKem);
    }

    @Test
    void more_configurations_than_the_bound_are_refused() {
        byte[] one = new HpkeKeyConfig(1, ByteString.copyFrom(new byte[32])).encode();
        byte[][] many = new byte[17][];
        Arrays.fill(many, one);

        assertRefused(Bytes.concat(many));
    }

    @Test
    void random_bytes_are_refused_or_read_and_never_crash() {
        long seed = 20_261_124;
        SplittableRandom random = new SplittableRandom(seed);

        for (int run = 0; run < 20_000; run++) {
            byte[] bytes = new HpkeKeyConfig(1, ByteString.copyFrom(new byte[32])).encode();
            for (int change = random.nextInt(4); change >= 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            byte[] input = Arrays.copyOf(bytes, random.nextInt(bytes.length + 8));
            try {
                HpkeKeyConfig.parseAll(input);
            } catch (S3mlException e) {
                assertThat(e.code()).as("seed %d run %d", seed, run).isEqualTo("PRO-106");
            }
        }
    }

    private static void assertRefused(byte[] encoded) {
        assertThatThrownBy(() -> HpkeKeyConfig.parseAll(encoded))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("PRO-106");
    }
}
