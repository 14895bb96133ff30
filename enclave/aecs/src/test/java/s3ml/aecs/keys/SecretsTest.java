package s3ml.aecs.keys;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.ByteArrayInputStream;
import java.security.KeyFactory;
import java.security.Provider;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Security;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.spec.OAEPParameterSpec;
import javax.crypto.spec.PSource;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import s3ml.protocol.Hpke;
import s3ml.wire.aecs.SecretKind;
import s3ml.wire.aecs.SecretOperation;

/// Secrets of every kind, checked with other implementations where there is one.
final class SecretsTest {
    private static final ByteString INPUT = ByteString.copyFromUtf8("something to sign or seal");
    private static final ByteString NOTHING = ByteString.EMPTY;
    private static final Map<SecretKind, String> SIGNERS = Map.of(
            SecretKind.EC_P256, "SHA256withECDSA",
            SecretKind.EC_P384, "SHA256withECDSA",
            SecretKind.ED25519, "Ed25519",
            SecretKind.SM2, "SM3withSM2",
            SecretKind.RSA_2048, "RSASSA-PSS",
            SecretKind.RSA_3072, "RSASSA-PSS",
            SecretKind.RSA_4096, "RSASSA-PSS");

    private final SecretMaker maker = new SecretMaker(new SecureRandom());
    private final SecretOperations operations = new SecretOperations(new SecureRandom());

    private static PublicKey publicKey(SecretKind kind, ByteString spki) throws Exception {
        String algorithm = kind.name().startsWith("RSA") ? "RSA" : kind == SecretKind.ED25519 ? "Ed25519" : "EC";
        return KeyFactory.getInstance(algorithm, provider(kind))
                .generatePublic(new X509EncodedKeySpec(spki.toByteArray()));
    }

    private static Provider provider(SecretKind kind) {
        return switch (kind) {
            case SM2 -> new BouncyCastleProvider();
            case RSA_2048, RSA_3072, RSA_4096 -> Security.getProvider("SunRsaSign");
            default -> Security.getProvider("SunEC");
        };
    }

    @ParameterizedTest
    @EnumSource(
            value = SecretKind.class,
            names = {"RSA_2048", "RSA_3072", "RSA_4096", "EC_P256", "EC_P384", "ED25519", "SM2"})
    void a_key_signs_inside_and_others_verify(SecretKind kind) throws Exception {
        SecretMaker.Made made = maker.generate(kind).orElseThrow();

        ByteString signed = operations
                .run(kind, made.material(), SecretOperation.SIGN, INPUT, NOTHING)
                .orElseThrow();

        Signature verifier = Signature.getInstance(SIGNERS.getOrDefault(kind, ""), provider(kind));
        if (kind.name().startsWith("RSA")) {
            verifier.setParameter(new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1));
        }
        verifier.initVerify(publicKey(kind, made.publicPart()));
        verifier.update(INPUT.toByteArray());
        assertThat(verifier.verify(signed.toByteArray())).isTrue();
    }

    @Test
    void aes_encrypts_and_decrypts_inside_and_only_in_its_context() {
        ByteString key = maker.generate(SecretKind.AES_256).orElseThrow().material();
        ByteString context = ByteString.copyFromUtf8("file 7");

        ByteString sealed = operations
                .run(SecretKind.AES_256, key, SecretOperation.ENCRYPT, INPUT, context)
                .orElseThrow();

        assertThat(operations.run(SecretKind.AES_256, key, SecretOperation.DECRYPT, sealed, context))
                .contains(INPUT);
        assertThat(operations.run(SecretKind.AES_256, key, SecretOperation.DECRYPT, sealed, NOTHING))
                .isEmpty();
        assertThat(operations.run(SecretKind.AES_256, key, SecretOperation.DERIVE, NOTHING, context))
                .hasValueSatisfying(derived -> assertThat(derived.size()).isEqualTo(32));
    }

    @Test
    void rsa_opens_what_others_sealed_to_it() throws Exception {
        SecretMaker.Made made = maker.generate(SecretKind.RSA_2048).orElseThrow();
        Cipher oaep = Cipher.getInstance("RSA/ECB/OAEPPadding");
        oaep.init(
                Cipher.ENCRYPT_MODE,
                publicKey(SecretKind.RSA_2048, made.publicPart()),
                new OAEPParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, PSource.PSpecified.DEFAULT));
        ByteString sealed = ByteString.copyFrom(oaep.doFinal(INPUT.toByteArray()));

        assertThat(operations.run(SecretKind.RSA_2048, made.material(), SecretOperation.DECRYPT, sealed, NOTHING))
                .contains(INPUT);
    }

    @Test
    void x25519_opens_what_was_sealed_to_it_by_hpke() {
        SecretMaker.Made made = maker.generate(SecretKind.X25519).orElseThrow();
        ByteString context = ByteString.copyFromUtf8("purpose");
        Hpke.Sealed sealed = Hpke.seal(made.publicPart(), context.toByteArray(), new byte[0], INPUT.toByteArray());

        ByteString message = sealed.encapsulatedKey().concat(sealed.ciphertext());

        assertThat(operations.run(SecretKind.X25519, made.material(), SecretOperation.DECRYPT, message, context))
                .contains(INPUT);
    }

    @Test
    void an_operation_that_a_kind_does_not_have_gives_nothing() {
        ByteString aes = maker.generate(SecretKind.AES_256).orElseThrow().material();
        ByteString ec = maker.generate(SecretKind.EC_P256).orElseThrow().material();

        assertThat(operations.run(SecretKind.AES_256, aes, SecretOperation.SIGN, INPUT, NOTHING))
                .isEmpty();
        assertThat(operations.run(SecretKind.EC_P256, ec, SecretOperation.DECRYPT, INPUT, NOTHING))
                .isEmpty();
        assertThat(operations.run(SecretKind.EC_P256, ec, SecretOperation.ENCRYPT, INPUT, NOTHING))
                .isEmpty();
        assertThat(operations.run(SecretKind.EC_P256, ec, SecretOperation.DERIVE, INPUT, NOTHING))
                .isEmpty();
    }

    @Test
    void a_renewed_certificate_says_the_same_under_a_fresh_key() throws Exception {
        Instant now = Instant.parse("2026-11-24T12:00:00Z");
        SecretMaker.Made first = maker.certificate(
                new SecretMaker.Subject("web", List.of("web.example", "127.0.0.1"), Duration.ofDays(30), false), now);

        SecretMaker.Made second = maker.again(first.publicPart().toByteArray(), now.plusSeconds(86_400), false);

        X509Certificate one = certificate(first);
        X509Certificate two = certificate(second);
        assertThat(two.getSubjectX500Principal()).isEqualTo(one.getSubjectX500Principal());
        assertThat(two.getSubjectAlternativeNames())
                .containsExactlyInAnyOrderElementsOf(one.getSubjectAlternativeNames());
        assertThat(two.getPublicKey()).isNotEqualTo(one.getPublicKey());
        assertThat(Duration.between(
                        one.getNotAfter().toInstant(), two.getNotAfter().toInstant()))
                .isEqualTo(Duration.ofDays(1));
    }

    private static X509Certificate certificate(SecretMaker.Made made) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(made.publicPart().toByteArray()));
    }

    @Test
    void any_threshold_of_shares_gives_the_secret_back_and_one_less_does_not() {
        byte[] root = new byte[32];
        new SecureRandom().nextBytes(root);
        List<byte[]> shares = Shares.split(root, 3, 5, new SecureRandom());

        for (int a = 0; a < 5; a++) {
            for (int b = a + 1; b < 5; b++) {
                for (int c = b + 1; c < 5; c++) {
                    assertThat(Shares.combine(Map.of(a + 1, shares.get(a), b + 1, shares.get(b), c + 1, shares.get(c))))
                            .isEqualTo(root);
                }
                assertThat(Shares.combine(Map.of(a + 1, shares.get(a), b + 1, shares.get(b))))
                        .isNotEqualTo(root);
            }
        }
    }
}
