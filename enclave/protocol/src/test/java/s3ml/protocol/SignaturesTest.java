package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import s3ml.attest.S3mlException;

final class SignaturesTest {
    private static final byte[] FIRST = {1, 2};
    private static final byte[] SECOND = {3};

    private final KeyPair keys = Signatures.generate();

    @Test
    void a_signature_is_valid_for_its_key_its_purpose_and_its_parts_only() {
        byte[] signature = Signatures.sign(keys.getPrivate(), "purpose", FIRST, SECOND);

        assertThat(Signatures.verify(keys.getPublic(), signature, "purpose", FIRST, SECOND))
                .isTrue();
        assertThat(Signatures.verify(keys.getPublic(), signature, "another", FIRST, SECOND))
                .isFalse();
        assertThat(Signatures.verify(keys.getPublic(), signature, "purpose", FIRST))
                .isFalse();
        assertThat(Signatures.verify(keys.getPublic(), signature, "purpose", SECOND, FIRST))
                .isFalse();
        assertThat(Signatures.verify(Signatures.generate().getPublic(), signature, "purpose", FIRST, SECOND))
                .isFalse();
    }

    @Test
    void a_changed_truncated_or_lengthened_signature_is_refused_without_an_exception() {
        byte[] signature = Signatures.sign(keys.getPrivate(), "purpose", FIRST);

        for (int bit = 0; bit < signature.length * 8; bit++) {
            byte[] changed = signature.clone();
            changed[bit / 8] ^= (byte) (1 << (bit % 8));
            assertThat(Signatures.verify(keys.getPublic(), changed, "purpose", FIRST))
                    .isFalse();
        }
        for (int length = 0; length < signature.length; length++) {
            byte[] shorter = Arrays.copyOf(signature, length);
            assertThat(Signatures.verify(keys.getPublic(), shorter, "purpose", FIRST))
                    .isFalse();
        }
        byte[] longer = Arrays.copyOf(signature, signature.length + 1);
        assertThat(Signatures.verify(keys.getPublic(), longer, "purpose", FIRST))
                .isFalse();
    }

    @Test
    void the_jdk_verifies_what_was_signed_over_the_documented_bytes() throws GeneralSecurityException {
        byte[] signature = Signatures.sign(keys.getPrivate(), "purpose", FIRST, SECOND);

        Signature jdk = Signature.getInstance("SHA256withECDSA", "SunEC");
        jdk.initVerify(java.security.KeyFactory.getInstance("EC", "SunEC")
                .generatePublic(new java.security.spec.X509EncodedKeySpec(
                        keys.getPublic().getEncoded())));
        jdk.update(new byte[] {'p', 'u', 'r', 'p', 'o', 's', 'e', 0, 1, 2, 3});

        assertThat(jdk.verify(signature)).isTrue();
    }

    @Test
    void keys_survive_their_encoding() {
        byte[] spki = keys.getPublic().getEncoded();

        assertThat(Signatures.publicKey(spki).getEncoded()).isEqualTo(spki);
        assertThat(Signatures.privateKey(keys.getPrivate().getEncoded()).getEncoded())
                .isEqualTo(keys.getPrivate().getEncoded());
    }

    @Test
    void keys_of_other_curves_other_kinds_and_garbage_are_refused() throws GeneralSecurityException {
        KeyPairGenerator p384 = KeyPairGenerator.getInstance("EC", "SunEC");
        p384.initialize(new ECGenParameterSpec("secp384r1"));
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        byte[] spki = keys.getPublic().getEncoded();

        assertNoKey(p384.generateKeyPair().getPublic().getEncoded());
        assertNoKey(rsa.generateKeyPair().getPublic().getEncoded());
        assertNoKey(new byte[0]);
        assertNoKey(new byte[10_000]);
        assertNoKey(Arrays.copyOf(spki, spki.length - 1));
        assertNoKey(Arrays.copyOf(spki, spki.length + 1));
        byte[] offCurve = spki.clone();
        offCurve[spki.length - 1] ^= 1;
        assertNoKey(offCurve);
    }

    private static void assertNoKey(byte[] spki) {
        assertThatThrownBy(() -> Signatures.publicKey(spki))
                .isInstanceOf(S3mlException.class)
                .hasMessageStartingWith("PRO-103");
    }
}
