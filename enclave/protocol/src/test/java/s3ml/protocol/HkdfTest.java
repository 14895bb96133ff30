package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import s3ml.attest.SecretBytes;

final class HkdfTest {
    private static final HexFormat HEX = HexFormat.of();

    /// RFC 5869 appendix A.1.
    @Test
    void the_first_test_vector_of_the_RFC_is_reproduced() {
        byte[] key = HEX.parseHex("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b");
        byte[] salt = HEX.parseHex("000102030405060708090a0b0c");
        byte[] info = HEX.parseHex("f0f1f2f3f4f5f6f7f8f9");

        byte[] derived = Hkdf.deriveBytes(key, salt, info, 42);

        assertThat(HEX.formatHex(derived))
                .isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    }

    @Test
    void another_info_or_salt_gives_another_key() {
        SecretBytes key = SecretBytes.copyOf(new byte[32]);

        SecretBytes derived = Hkdf.derive(key, new byte[32], "manifest", 32);

        assertThat(Hkdf.derive(key, new byte[32], "manifest", 32)).isEqualTo(derived);
        assertThat(Hkdf.derive(key, new byte[32], "segments", 32)).isNotEqualTo(derived);
        assertThat(Hkdf.derive(key, new byte[31], "manifest", 32).expose(byte[]::clone))
                .hasSize(32);
    }

    @Test
    void lengths_outside_the_RFC_are_refused() {
        SecretBytes key = SecretBytes.copyOf(new byte[32]);

        assertThatThrownBy(() -> Hkdf.derive(key, new byte[0], "x", 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Hkdf.derive(key, new byte[0], "x", 8161)).isInstanceOf(IllegalArgumentException.class);
    }
}
