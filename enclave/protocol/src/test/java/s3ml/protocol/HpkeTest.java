package s3ml.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.security.GeneralSecurityException;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;

final class HpkeTest {
    private static final byte[] INFO = "s3ml test".getBytes(UTF_8);
    private static final byte[] AAD = {1, 2, 3};
    private static final byte[] PLAINTEXT = "what the enclave alone may read".getBytes(UTF_8);

    @Test
    void what_was_sealed_opens_with_the_private_key() {
        try (HpkeKeyPair keys = Hpke.generate()) {
            Hpke.Sealed sealed = Hpke.seal(keys.publicKey(), INFO, AAD, PLAINTEXT);

            byte[] opened = Hpke.open(keys.privateKey(), INFO, AAD, sealed);

            assertThat(opened).isEqualTo(PLAINTEXT);
            assertThat(sealed.encapsulatedKey().toByteArray()).hasSize(Hpke.KEY_BYTES);
            assertThat(sealed.ciphertext().toByteArray()).hasSize(PLAINTEXT.length + Hpke.TAG_BYTES);
        }
    }

    @Test
    void a_second_implementation_opens_what_was_sealed() throws GeneralSecurityException {
        try (HpkeKeyPair keys = Hpke.generate()) {
            Hpke.Sealed sealed = Hpke.seal(keys.publicKey(), INFO, AAD, PLAINTEXT);
            byte[] secret = keys.privateKey().expose(byte[]::clone);

            byte[] opened = JdkHpke.open(
                    secret,
                    keys.publicKey().toByteArray(),
                    sealed.encapsulatedKey().toByteArray(),
                    INFO,
                    AAD,
                    sealed.ciphertext().toByteArray());

            assertThat(opened).isEqualTo(PLAINTEXT);
        }
    }

    @Test
    void one_changed_bit_in_ciphertext_or_encapsulated_key_is_refused() {
        try (HpkeKeyPair keys = Hpke.generate()) {
            Hpke.Sealed sealed = Hpke.seal(keys.publicKey(), INFO, AAD, PLAINTEXT);
            byte[] ciphertext = sealed.ciphertext().toByteArray();
            ciphertext[5] ^= 1;
            byte[] encapsulated = sealed.encapsulatedKey().toByteArray();
            encapsulated[5] ^= 1;

            assertRefused(
                    keys.privateKey(),
                    INFO,
                    AAD,
                    new Hpke.Sealed(sealed.encapsulatedKey(), ByteString.copyFrom(ciphertext)));
            assertRefused(
                    keys.privateKey(),
                    INFO,
                    AAD,
                    new Hpke.Sealed(ByteString.copyFrom(encapsulated), sealed.ciphertext()));
        }
    }

    @Test
    void another_purpose_other_associated_data_or_another_key_is_refused() {
        try (HpkeKeyPair keys = Hpke.generate();
                HpkeKeyPair others = Hpke.generate()) {
            Hpke.Sealed sealed = Hpke.seal(keys.publicKey(), INFO, AAD, PLAINTEXT);

            assertRefused(keys.privateKey(), "s3ml tests".getBytes(UTF_8), AAD, sealed);
            assertRefused(keys.privateKey(), INFO, new byte[] {1, 2, 4}, sealed);
            assertRefused(others.privateKey(), INFO, AAD, sealed);
        }
    }

    @Test
    void an_encapsulated_key_of_small_order_or_wrong_length_is_refused() {
        try (HpkeKeyPair keys = Hpke.generate()) {
            ByteString ciphertext =
                    Hpke.seal(keys.publicKey(), INFO, AAD, PLAINTEXT).ciphertext();

            assertRefused(keys.privateKey(), INFO, AAD, new Hpke.Sealed(zeros(32), ciphertext));
            assertRefused(keys.privateKey(), INFO, AAD, new Hpke.Sealed(zeros(31), ciphertext));
            assertRefused(keys.privateKey(), INFO, AAD, new Hpke.Sealed(zeros(0), ciphertext));
            assertRefused(keys.privateKey(), INFO, AAD, new Hpke.Sealed(keys.publicKey(), zeros(15)));
        }
    }

    @Test
    void a_public_key_of_small_order_or_wrong_length_is_refused() {
        assertThatThrownBy(() -> Hpke.seal(zeros(32), INFO, AAD, PLAINTEXT))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("PRO-101");
        assertThatThrownBy(() -> Hpke.seal(zeros(33), INFO, AAD, PLAINTEXT))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("PRO-101");
    }

    @Test
    void both_sides_export_the_same_secret() {
        try (HpkeKeyPair keys = Hpke.generate()) {
            Hpke.Sender sender = Hpke.sender(keys.publicKey(), INFO);
            Hpke.Recipient recipient = Hpke.recipient(keys.privateKey(), sender.encapsulatedKey(), INFO);

            SecretBytes mine = sender.export(AAD, 32);

            assertThat(recipient.export(AAD, 32)).isEqualTo(mine);
            assertThat(recipient.export(INFO, 32)).isNotEqualTo(mine);
        }
    }

    private static ByteString zeros(int length) {
        return ByteString.copyFrom(new byte[length]);
    }

    private static void assertRefused(SecretBytes key, byte[] info, byte[] aad, Hpke.Sealed sealed) {
        assertThatThrownBy(() -> Hpke.open(key, info, aad, sealed))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("PRO-102");
    }
}
