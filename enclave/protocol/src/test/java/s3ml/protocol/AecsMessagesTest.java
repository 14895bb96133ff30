package s3ml.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.security.KeyPair;
import org.junit.jupiter.api.Test;
import s3ml.attest.Digest;
import s3ml.attest.S3mlException;
import s3ml.attest.SecretBytes;
import s3ml.wire.aecs.LogHead;
import s3ml.wire.aecs.PutModelKey;
import s3ml.wire.aecs.ReleaseResponse;
import s3ml.wire.aecs.SignedCommand;

final class AecsMessagesTest {
    private static final byte[] NONCE = new byte[32];
    private static final byte[] CLAIMS = {1, 2, 3};
    private static final byte[] LEASE = {4, 5, 6};

    private final KeyPair identity = Signatures.generate();
    private final KeyPair stranger = Signatures.generate();

    @Test
    void a_lease_opens_only_for_its_claims_its_service_and_its_AECS() {
        try (HpkeKeyPair enclave = Hpke.generate()) {
            ReleaseResponse sealed =
                    AecsMessages.sealLease(identity.getPrivate(), "s", CLAIMS, enclave.publicKey(), LEASE);

            assertThat(AecsMessages.openLease(identity.getPublic(), "s", CLAIMS, enclave.privateKey(), sealed))
                    .isEqualTo(LEASE);
            assertCode(
                    "PRO-105",
                    () -> AecsMessages.openLease(stranger.getPublic(), "s", CLAIMS, enclave.privateKey(), sealed));
            assertCode(
                    "PRO-105",
                    () -> AecsMessages.openLease(
                            identity.getPublic(), "s", new byte[] {1, 2, 4}, enclave.privateKey(), sealed));
            assertCode(
                    "PRO-102",
                    () -> AecsMessages.openLease(identity.getPublic(), "t", CLAIMS, enclave.privateKey(), sealed));
        }
    }

    @Test
    void a_lease_with_one_changed_bit_is_refused_by_its_signature() {
        try (HpkeKeyPair enclave = Hpke.generate()) {
            ReleaseResponse sealed =
                    AecsMessages.sealLease(identity.getPrivate(), "s", CLAIMS, enclave.publicKey(), LEASE);
            byte[] ciphertext = sealed.getCiphertext().toByteArray();
            ciphertext[0] ^= 1;
            ReleaseResponse changed = sealed.toBuilder()
                    .setCiphertext(ByteString.copyFrom(ciphertext))
                    .build();

            assertCode(
                    "PRO-105",
                    () -> AecsMessages.openLease(identity.getPublic(), "s", CLAIMS, enclave.privateKey(), changed));
        }
    }

    @Test
    void a_description_is_bound_to_the_callers_nonce() {
        byte[] signature = AecsMessages.signDescription(identity.getPrivate(), NONCE, LEASE);
        byte[] otherNonce = NONCE.clone();
        otherNonce[31] ^= 1;

        assertThat(AecsMessages.verifyDescription(identity.getPublic(), NONCE, LEASE, signature))
                .isTrue();
        assertThat(AecsMessages.verifyDescription(identity.getPublic(), otherNonce, LEASE, signature))
                .isFalse();
        assertThat(AecsMessages.verifyDescription(identity.getPublic(), NONCE, CLAIMS, signature))
                .isFalse();
        assertThat(AecsMessages.verifyDescription(stranger.getPublic(), NONCE, LEASE, signature))
                .isFalse();
    }

    @Test
    void a_signature_for_one_purpose_is_nothing_for_another() {
        SignedCommand command = AecsMessages.signCommand(
                identity.getPrivate(), identity.getPublic().getEncoded(), Bytes.concat(NONCE, LEASE));

        assertThat(AecsMessages.verifyCommand(command)).isTrue();
        assertThat(AecsMessages.verifyDescription(
                        identity.getPublic(),
                        NONCE,
                        LEASE,
                        command.getSignature().toByteArray()))
                .isFalse();
        assertThat(AecsMessages.verifyCommand(command.toBuilder()
                        .setPublicKey(ByteString.copyFrom(stranger.getPublic().getEncoded()))
                        .build()))
                .isFalse();
    }

    @Test
    void a_log_head_is_bound_to_size_time_and_root() {
        LogHead head = AecsMessages.signLogHead(
                identity.getPrivate(), 5, Digest.of(LEASE).bytes(), 1_000);

        assertThat(AecsMessages.verifyLogHead(identity.getPublic(), head)).isTrue();
        assertThat(AecsMessages.verifyLogHead(
                        identity.getPublic(), head.toBuilder().setTreeSize(6).build()))
                .isFalse();
        assertThat(AecsMessages.verifyLogHead(
                        identity.getPublic(),
                        head.toBuilder().setTimestampUnixMillis(999).build()))
                .isFalse();
        assertThat(AecsMessages.verifyLogHead(
                        identity.getPublic(),
                        head.toBuilder().setRootHash(ByteString.copyFrom(NONCE)).build()))
                .isFalse();
    }

    @Test
    void a_model_key_opens_only_as_what_it_was_registered_for() {
        try (HpkeKeyPair aecs = Hpke.generate();
                SecretBytes packageKey = SecretBytes.copyOf(new byte[32])) {
            PutModelKey command = AecsMessages.sealModelKey(
                    aecs.publicKey(),
                    PutModelKey.newBuilder()
                            .setService("s")
                            .setName("m")
                            .setVersion("1")
                            .setManifestDigest(ByteString.copyFrom(NONCE))
                            .build(),
                    packageKey);

            assertThat(AecsMessages.openModelKey(aecs.privateKey(), command)).isEqualTo(packageKey);
            for (PutModelKey.Builder changed : java.util.List.of(
                    command.toBuilder().setService("t"),
                    command.toBuilder().setName("n"),
                    command.toBuilder().setVersion("2"),
                    command.toBuilder().setManifestDigest(ByteString.copyFrom(new byte[31])))) {
                assertCode("PRO-102", () -> AecsMessages.openModelKey(aecs.privateKey(), changed.build()));
            }
        }
    }

    private static void assertCode(String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOf(S3mlException.class).hasMessageStartingWith(code);
    }
}
